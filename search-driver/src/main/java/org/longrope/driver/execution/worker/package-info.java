/**
 * The process that evaluates: an executor of a cluster or the driver itself. It keeps models and
 * documents resident from task to task, copies remote models to its host, selects its GPUs, and
 * ends itself when native code hangs.
 *
 * <p>Begin reading at {@link org.longrope.driver.execution.worker.ResidentModels}, which loads a
 * {@link org.longrope.driver.execution.worker.LoadedModel} for a {@link
 * org.longrope.driver.execution.worker.ModelSpec}.
 */
@NullMarked
package org.longrope.driver.execution.worker;

import org.jspecify.annotations.NullMarked;
