/**
 * Fine-tuning runs: their directory, progress, replicas and result.
 *
 * <p>Begin reading at {@link org.longrope.driver.training.TrainingRun}.
 */
@NullMarked
package org.longrope.driver.training;

import org.jspecify.annotations.NullMarked;
