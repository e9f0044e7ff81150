package org.longrope.driver.execution.spark;

import java.io.Serializable;
import java.time.Duration;
import java.util.Set;
import org.apache.spark.SparkEnv;
import org.apache.spark.TaskContext;
import org.apache.spark.util.DoubleAccumulator;
import org.longrope.driver.execution.Answer;
import org.longrope.driver.execution.EvaluationTask;
import org.longrope.driver.execution.worker.EvaluationWorker;
import org.longrope.driver.execution.worker.ExecutorFault;
import org.longrope.driver.execution.worker.Gpus;
import org.longrope.driver.execution.worker.ResidentWorkers;
import org.longrope.driver.execution.worker.Watchdog;
import org.longrope.driver.execution.worker.WorkerSpec;
import org.longrope.eval.decoder.StopSignal;
import org.longrope.eval.decoder.StoppedException;
import scala.Function1;
import scala.collection.Iterator;

/**
 * What an executor does with a task, on the GPUs that Spark gave the task.
 *
 * @param deadlineMs after which the evaluation is stopped, milliseconds
 * @param declining executors that leave the task to others
 * @param done the share of the evaluation that is done; reaches the driver with heartbeats
 */
record EvaluateTask(
    WorkerSpec setup, long deadlineMs, Set<String> declining, DoubleAccumulator done)
    implements Function1<Iterator<EvaluationTask>, Answer>, Serializable {

  /** For a large model, copied from another file system over a slow network. */
  private static final long LOADING_MS = Duration.ofHours(1).toMillis();

  @Override
  public Answer apply(Iterator<EvaluationTask> tasks) {
    TaskContext context = TaskContext.get();
    EvaluationTask task = tasks.next();
    if (!declining.isEmpty() && declining.contains(ExecutorName.own())) {
      return new Answer.Declined(task);
    }
    Gpus gpus = Gpus.of(context.resourcesJMap());
    boolean executor = !SparkEnv.get().executorId().equals("driver");
    EvaluationWorker worker;
    try (Watchdog guard = executor ? Watchdog.arm(LOADING_MS) : Watchdog.NONE) {
      worker = ResidentWorkers.get(setup, gpus);
    }
    long stopAt = System.nanoTime() + deadlineMs * 1_000_000;
    // A killed task gives its device back before the forward pass is through.
    StopSignal stop =
        StopSignal.of(
            () -> context.isInterrupted() || System.nanoTime() - stopAt > 0,
            share -> done.add(share - done.sum()));
    try (Watchdog guard = executor ? Watchdog.arm(deadlineMs) : Watchdog.NONE) {
      return new Answer.Done(worker.evaluate(task, stop), worker.takeLoadSeconds());
    } catch (StoppedException e) {
      if (context.isInterrupted()) {
        throw e;
      }
      return new Answer.TimedOut(task, deadlineMs / 1000.0, ExecutorName.own());
    } catch (ExecutorFault e) {
      worker.close();
      throw e;
    }
  }
}
