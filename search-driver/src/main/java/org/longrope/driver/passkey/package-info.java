/** The passkey test by length and depth, and how its results are shown. */
@NullMarked
package org.longrope.driver.passkey;

import org.jspecify.annotations.NullMarked;
