/**
 * The process that holds a model: resident models, the cache of model files on a host, its GPUs,
 * and the watchdog.
 *
 * <p>Begin reading at {@link org.longrope.driver.execution.worker.EvaluationWorker}.
 */
@NullMarked
package org.longrope.driver.execution.worker;

import org.jspecify.annotations.NullMarked;
