/**
 * Results of tasks, kept in the append-only log of a run or of a measurement.
 *
 * <p>Begin reading at {@link org.longrope.driver.store.ResultStore}.
 */
@NullMarked
package org.longrope.driver.store;

import org.jspecify.annotations.NullMarked;
