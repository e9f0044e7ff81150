/**
 * A search run from its beginning to its results: begin, resume, execute.
 *
 * <p>Begin reading at {@link org.longrope.driver.run.SearchRun}.
 */
@NullMarked
package org.longrope.driver.run;

import org.jspecify.annotations.NullMarked;
