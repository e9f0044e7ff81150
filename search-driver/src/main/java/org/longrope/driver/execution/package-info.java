/**
 * Tasks for a resident model and where they are executed: on this host or on Spark executors.
 *
 * <p>Begin reading at {@link org.longrope.driver.execution.TaskExecutor}.
 */
@NullMarked
package org.longrope.driver.execution;

import org.jspecify.annotations.NullMarked;
