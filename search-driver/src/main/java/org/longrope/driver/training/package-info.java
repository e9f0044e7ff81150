/** Training as a run: its directory, its progress, its end. */
@NullMarked
package org.longrope.driver.training;

import org.jspecify.annotations.NullMarked;
