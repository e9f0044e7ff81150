/**
 * Plots as PNG files.
 *
 * <p>Begin reading at {@link org.longrope.driver.report.plot.Plot}.
 */
@NullMarked
package org.longrope.driver.report.plot;

import org.jspecify.annotations.NullMarked;
