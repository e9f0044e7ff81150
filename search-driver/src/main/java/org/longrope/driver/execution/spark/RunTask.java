package org.longrope.driver.execution.spark;

import java.io.Serializable;
import java.time.Duration;
import java.util.Set;
import org.apache.spark.SparkEnv;
import org.apache.spark.TaskContext;
import org.apache.spark.util.DoubleAccumulator;
import org.longrope.driver.execution.ModelTask;
import org.longrope.driver.execution.TaskResult;
import org.longrope.driver.execution.worker.ExecutorFault;
import org.longrope.driver.execution.worker.Gpus;
import org.longrope.driver.execution.worker.ModelWorker;
import org.longrope.driver.execution.worker.Watchdog;
import org.longrope.driver.execution.worker.WorkerSpec;
import org.longrope.eval.decoder.StopSignal;
import org.longrope.eval.decoder.StoppedException;
import scala.Function1;
import scala.collection.Iterator;

/**
 * Execution of a task on a Spark executor, on the GPUs that Spark gave the task.
 *
 * @param deadlineMs after which the computation is stopped, milliseconds
 * @param declining executors that leave the task to others
 * @param done the completed share of the computation; reaches the driver with heartbeats
 */
record RunTask(WorkerSpec spec, long deadlineMs, Set<String> declining, DoubleAccumulator done)
    implements Function1<Iterator<ModelTask<?>>, TaskAttempt>, Serializable {

  /** Longest time to load a model, which may be copied over a slow network. */
  private static final long LOADING_MS = Duration.ofHours(1).toMillis();

  @Override
  public TaskAttempt apply(Iterator<ModelTask<?>> tasks) {
    return run(tasks.next());
  }

  private <R> TaskAttempt run(ModelTask<R> task) {
    TaskContext context = TaskContext.get();
    if (!declining.isEmpty() && declining.contains(ExecutorName.own())) {
      return new TaskAttempt.Declined();
    }
    Gpus gpus = Gpus.of(context.resourcesJMap());
    boolean executor = !SparkEnv.get().executorId().equals("driver");
    ModelWorker worker;
    try (Watchdog watchdog = executor ? Watchdog.arm(LOADING_MS) : Watchdog.NONE) {
      worker = ModelWorker.get(spec, gpus);
    }
    long stopAt = System.nanoTime() + deadlineMs * 1_000_000;
    // A killed task gives its device back before the forward pass is through.
    StopSignal stop =
        StopSignal.of(
            () -> context.isInterrupted() || System.nanoTime() - stopAt > 0,
            share -> done.add(share - done.sum()));
    try (Watchdog watchdog = executor ? Watchdog.arm(deadlineMs) : Watchdog.NONE) {
      TaskResult<R> result = worker.execute(task, stop);
      return result instanceof TaskResult.Completed<R> completed
          ? new TaskAttempt.Completed(
              completed.value(),
              completed.computeType(),
              completed.hardware(),
              completed.seconds(),
              worker.takeLoadSeconds())
          : new TaskAttempt.Rejected(((TaskResult.Rejected<R>) result).reason());
    } catch (StoppedException e) {
      if (context.isInterrupted()) {
        throw e;
      }
      return new TaskAttempt.TimedOut(deadlineMs / 1000.0, ExecutorName.own());
    } catch (ExecutorFault e) {
      worker.discard();
      throw e;
    }
  }
}
