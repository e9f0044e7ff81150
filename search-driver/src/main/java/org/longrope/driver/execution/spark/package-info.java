/**
 * Everything that is bound to Spark: the session and its settings, the task executor on a cluster,
 * serializers, metrics, and the surrogate by MLlib.
 *
 * <p>Begin reading at {@link org.longrope.driver.execution.spark.SparkTaskExecutor}.
 */
@NullMarked
package org.longrope.driver.execution.spark;

import org.jspecify.annotations.NullMarked;
