/** What a run shows of itself: plots as PNG and the summary table. */
@NullMarked
package org.longrope.driver.report;

import org.jspecify.annotations.NullMarked;
