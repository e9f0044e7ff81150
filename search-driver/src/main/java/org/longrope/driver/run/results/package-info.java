/**
 * Results of a run: factors, tables, plots, status and trajectory.
 *
 * <p>Begin reading at {@link org.longrope.driver.run.results.RunResults}.
 */
@NullMarked
package org.longrope.driver.run.results;

import org.jspecify.annotations.NullMarked;
