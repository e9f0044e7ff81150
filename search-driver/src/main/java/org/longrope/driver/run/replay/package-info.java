/**
 * The beginning of a run and the reading of its log.
 *
 * <p>Begin reading at {@link org.longrope.driver.run.replay.RunDirectory}.
 */
@NullMarked
package org.longrope.driver.run.replay;

import org.jspecify.annotations.NullMarked;
