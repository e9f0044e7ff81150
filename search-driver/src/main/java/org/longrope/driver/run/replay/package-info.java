/**
 * What a run was begun with and what its log says.
 *
 * <p>Begin reading at {@link org.longrope.driver.run.replay.RunDirectory}.
 */
@NullMarked
package org.longrope.driver.run.replay;

import org.jspecify.annotations.NullMarked;
