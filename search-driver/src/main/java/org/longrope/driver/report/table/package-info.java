/**
 * Tables of results as people and programs read them.
 *
 * <p>Begin reading at {@link org.longrope.driver.run.results.SummaryTable}.
 */
@NullMarked
package org.longrope.driver.report.table;

import org.jspecify.annotations.NullMarked;
