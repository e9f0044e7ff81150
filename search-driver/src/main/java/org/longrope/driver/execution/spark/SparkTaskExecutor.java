package org.longrope.driver.execution.spark;

import java.time.Duration;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.HashMap;
import java.util.HashSet;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Objects;
import java.util.Set;
import java.util.concurrent.BlockingQueue;
import java.util.concurrent.LinkedBlockingQueue;
import java.util.concurrent.TimeUnit;
import org.apache.spark.api.java.JavaSparkContext;
import org.jspecify.annotations.Nullable;
import org.longrope.driver.execution.ExecutionFailure;
import org.longrope.driver.execution.ExecutorListener;
import org.longrope.driver.execution.FaultTolerance;
import org.longrope.driver.execution.ModelTask;
import org.longrope.driver.execution.Outage;
import org.longrope.driver.execution.TaskExecutor;
import org.longrope.driver.execution.TaskGroup;
import org.longrope.driver.execution.TaskResult;
import org.longrope.driver.execution.spark.FailurePolicy.Verdict;
import org.longrope.driver.execution.worker.ResidentModels;
import org.longrope.driver.execution.worker.WorkerSpec;

/**
 * Executes tasks on Spark: a job for each group, with the model resident in each executor. Jobs
 * overlap, so that an executor that is free finds work whatever the others do.
 */
public final class SparkTaskExecutor implements TaskExecutor, AutoCloseable {
  private static final Duration LOOK = Duration.ofSeconds(1);
  private static final Duration BEFORE_RETRY = Duration.ofSeconds(3);

  /** Time before a warning: the executors of a cluster start after the application. */
  private static final Duration WITHOUT_EXECUTORS = Duration.ofSeconds(20);

  private final SparkJobs jobs;
  private final FaultTolerance limits;
  private final ExecutorListener listener;
  private final FailurePolicy policy;
  private final Deadline deadline;
  private final BlockingQueue<SparkJobs.Event> events = new LinkedBlockingQueue<>();
  private final Map<ModelTask<?>, PendingTask> open = new HashMap<>();
  private final Set<Retry> retries = new HashSet<>();

  private final Outage failing = new Outage();
  private final Outage withoutExecutors = new Outage();
  private boolean warnedOfNone;
  private @Nullable ExecutionFailure end;

  private record Retry(TaskGroup group, Set<String> avoided, long at) {}

  /**
   * Executes tasks on Spark.
   *
   * @param slowestSeconds of a task so far; 0 if that is not known
   */
  public SparkTaskExecutor(
      JavaSparkContext spark,
      WorkerSpec spec,
      FaultTolerance limits,
      double slowestSeconds,
      ExecutorListener listener) {
    this.jobs = new SparkJobs(spark, spec, events);
    this.limits = limits;
    this.listener = listener;
    policy = new FailurePolicy(limits.timeout());
    deadline = new Deadline(limits.deadline());
    deadline.observe(slowestSeconds);
  }

  @Override
  public void submit(TaskGroup group) {
    if (group.tasks().isEmpty()) {
      return;
    }
    group.tasks().forEach(task -> open.put(task, new PendingTask(group, task)));
    jobs.submit(group, deadline.now(), Set.of());
  }

  @Override
  public int slots() {
    return jobs.slots();
  }

  @Override
  public TaskResult<?> take() {
    if (open.isEmpty()) {
      throw new IllegalStateException("Every submitted task has been answered");
    }
    while (end == null) {
      retryWhatIsDue();
      SparkJobs.Event event = next();
      if (event instanceof SparkJobs.Attempted attempted) {
        TaskResult<?> result = attempted(attempted.task(), attempted.attempt());
        if (result != null) {
          return result;
        }
      } else if (event instanceof SparkJobs.Failed failed) {
        end = failed(failed);
      } else {
        listener.waiting(jobs.inProgress());
        end = withoutExecutors();
      }
    }
    return takeQueued(end);
  }

  /** Returns a result that arrived before the final failure, or throws it. */
  private TaskResult<?> takeQueued(ExecutionFailure failure) {
    for (SparkJobs.Event event = events.poll(); event != null; event = events.poll()) {
      if (event instanceof SparkJobs.Attempted attempted && open.containsKey(attempted.task())) {
        TaskResult<?> result = result(attempted.task(), attempted.attempt());
        if (result != null) {
          return close(result);
        }
      }
    }
    throw failure;
  }

  private SparkJobs.@Nullable Event next() {
    try {
      return events.poll(LOOK.toMillis(), TimeUnit.MILLISECONDS);
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
      throw new ExecutionFailure("The driver was interrupted");
    }
  }

  private @Nullable TaskResult<?> attempted(ModelTask<?> task, TaskAttempt attempt) {
    // Also of a second result: it may be the one that waited for the model.
    if (attempt instanceof TaskAttempt.Completed completed && completed.loadSeconds() > 0) {
      listener.modelLoaded(completed.loadSeconds());
    }
    PendingTask pending = open.get(task);
    if (pending == null) {
      return null; // A second result, of an attempt that was believed lost.
    }
    if (attempt instanceof TaskAttempt.TimedOut timedOut) {
      end = timedOut(timedOut, pending);
      return null;
    }
    TaskResult<?> result = result(task, attempt);
    if (result == null) {
      retry(pending.again(), elsewhere(pending));
      return null;
    }
    if (attempt instanceof TaskAttempt.Completed completed) {
      deadline.observe(completed.seconds());
    }
    return close(result);
  }

  /** Returns the result of an attempt; null if it has none. */
  @SuppressWarnings("unchecked") // the executor ran this very task
  private static <R> @Nullable TaskResult<R> result(ModelTask<R> task, TaskAttempt attempt) {
    if (attempt instanceof TaskAttempt.Completed completed) {
      return new TaskResult.Completed<>(
          task,
          (R) completed.result(),
          completed.computeType(),
          completed.hardware(),
          completed.seconds());
    }
    return attempt instanceof TaskAttempt.Rejected rejected
        ? new TaskResult.Rejected<>(task, rejected.reason())
        : null;
  }

  private TaskResult<?> close(TaskResult<?> result) {
    open.remove(result.task());
    failing.clear();
    return result;
  }

  /**
   * Retries a task on other executors: a missed deadline says nothing about the rescaling. Returns
   * the final failure when the tolerated time is over, else null.
   */
  private @Nullable ExecutionFailure timedOut(TaskAttempt.TimedOut attempt, PendingTask pending) {
    pending.timedOut(attempt.executor());
    String sentence =
        String.format(
            Locale.ROOT,
            "%s took longer than its deadline of %.0f s",
            pending.name(),
            attempt.deadlineSeconds());
    if (pending.timeouts() > 1 && pending.lateFor().compareTo(limits.timeout()) > 0) {
      return new ExecutionFailure(
          String.format(
              Locale.ROOT,
              "T%s, %d times in %d s: expected an end; see what slows executors down, or resume the"
                  + " run with a longer --deadline.",
              sentence.substring(1),
              pending.timeouts(),
              pending.lateFor().toSeconds()));
    }
    listener.warning(sentence + " on " + attempt.executor() + " and was stopped: trying again.");
    jobs.submit(pending.again(), deadline.now(), elsewhere(pending));
    return null;
  }

  /** Returns executors to avoid; none when the tolerated time is over. */
  private Set<String> elsewhere(PendingTask pending) {
    return pending.lateFor().compareTo(limits.timeout()) > 0 ? Set.of() : pending.lateOn();
  }

  private void retry(TaskGroup group, Set<String> avoided) {
    retries.add(new Retry(group, Set.copyOf(avoided), System.nanoTime() + BEFORE_RETRY.toNanos()));
  }

  /** Retries what a failed job has left. Returns the final failure, or null if it retries. */
  private @Nullable ExecutionFailure failed(SparkJobs.Failed failed) {
    if (jobs.stopped()) {
      return applicationEnded();
    }
    List<ModelTask<?>> missing = failed.group().tasks().stream().filter(open::containsKey).toList();
    if (missing.isEmpty()) {
      return null;
    }
    List<PendingTask> failedTasks =
        missing.stream().map(open::get).filter(Objects::nonNull).toList();
    failedTasks.forEach(PendingTask::failed);
    int rounds = failedTasks.stream().mapToInt(PendingTask::failures).max().orElse(0);
    Duration longest =
        failedTasks.stream()
            .map(PendingTask::failingFor)
            .max(Comparator.naturalOrder())
            .orElseThrow();
    Duration lasting = failing.lasts();
    // While an executor computes it is not known that nothing can be computed.
    Verdict verdict =
        policy.of(
            failed.cause(),
            failed.group().description(),
            rounds,
            longest,
            jobs.computes() ? Duration.ZERO : lasting);
    if (verdict instanceof Verdict.Retry retry) {
      listener.warning(failed.group().description() + ": " + retry.sentence() + "; trying again.");
      retry(failed.group().withTasks(missing), Set.of());
    } else if (verdict instanceof Verdict.GiveUp giveUp) {
      return new ExecutionFailure(giveUp.sentence());
    }
    return null;
  }

  private void retryWhatIsDue() {
    long now = System.nanoTime();
    for (Retry retry : new ArrayList<>(retries)) {
      if (now - retry.at() >= 0) {
        retries.remove(retry);
        jobs.submit(retry.group(), deadline.now(), retry.avoided());
      }
    }
  }

  /** Gives a cluster that has lost its last executor time to replace it. */
  private @Nullable ExecutionFailure withoutExecutors() {
    if (jobs.stopped()) {
      return applicationEnded();
    }
    if (jobs.slots() > 0) {
      withoutExecutors.clear();
      warnedOfNone = false;
      return null;
    }
    Duration lasts = withoutExecutors.lasts();
    long timeout = limits.timeout().toSeconds();
    if (lasts.compareTo(limits.timeout()) > 0) {
      return new ExecutionFailure(
          "No executor has been there for "
              + timeout
              + " s: expected the cluster to replace them; resume the run when it has some.");
    }
    if (lasts.compareTo(WITHOUT_EXECUTORS) > 0 && !warnedOfNone) {
      listener.warning("no executor is there: waiting up to " + timeout + " s for one.");
      warnedOfNone = true;
    }
    return null;
  }

  private static ExecutionFailure applicationEnded() {
    return new ExecutionFailure(
        "Spark has ended the application: its master is gone or has removed it; resume the run"
            + " when the cluster is well.");
  }

  /** Cancels running tasks and closes the models of local executors, which are in this process. */
  @Override
  public void close() {
    jobs.cancel();
    ResidentModels.close();
  }
}
