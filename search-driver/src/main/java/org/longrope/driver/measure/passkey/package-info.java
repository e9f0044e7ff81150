/**
 * The passkey test by length and depth, and how its results are shown.
 *
 * <p>Begin reading at {@link org.longrope.driver.measure.passkey.PasskeyMeasurement}.
 */
@NullMarked
package org.longrope.driver.measure.passkey;

import org.jspecify.annotations.NullMarked;
