/**
 * Plots as PNG files. They take values, and depend on no run and no measurement.
 *
 * <p>Begin reading at {@link org.longrope.driver.report.plot.Plot}.
 */
@NullMarked
package org.longrope.driver.report.plot;

import org.jspecify.annotations.NullMarked;
