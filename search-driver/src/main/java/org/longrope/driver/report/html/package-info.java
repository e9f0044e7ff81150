/**
 * Pages on a search or a recipe, with the files that they show.
 *
 * <p>Begin reading at {@link org.longrope.driver.report.html.Report}.
 */
@NullMarked
package org.longrope.driver.report.html;

import org.jspecify.annotations.NullMarked;
