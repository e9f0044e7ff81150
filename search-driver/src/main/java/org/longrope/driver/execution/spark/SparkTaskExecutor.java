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
import org.longrope.driver.execution.Answer;
import org.longrope.driver.execution.Evaluation;
import org.longrope.driver.execution.EvaluationTask;
import org.longrope.driver.execution.ExecutionFailure;
import org.longrope.driver.execution.ExecutorListener;
import org.longrope.driver.execution.FaultTolerance;
import org.longrope.driver.execution.Outage;
import org.longrope.driver.execution.TaskExecutor;
import org.longrope.driver.execution.TaskGroup;
import org.longrope.driver.execution.spark.FailurePolicy.Verdict;
import org.longrope.driver.execution.worker.ResidentModels;
import org.longrope.driver.execution.worker.WorkerSpec;

/**
 * Evaluates on Spark: a job for each group, a task for each evaluation, the model resident in each
 * executor. Jobs overlap, so that an executor that is free finds work whatever the others do.
 */
public final class SparkTaskExecutor implements TaskExecutor, AutoCloseable {
  private static final Duration LOOK = Duration.ofSeconds(1);
  private static final Duration BEFORE_RETRY = Duration.ofSeconds(3);

  /** Until it is worth a word: executors of a cluster come when the application is there. */
  private static final Duration WITHOUT_EXECUTORS = Duration.ofSeconds(20);

  private final SparkJobs jobs;
  private final FaultTolerance limits;
  private final ExecutorListener listener;
  private final FailurePolicy policy;
  private final Deadline deadline;
  private final BlockingQueue<SparkJobs.Event> events = new LinkedBlockingQueue<>();
  private final Map<EvaluationTask, PendingTask> open = new HashMap<>();
  private final Set<Retry> retries = new HashSet<>();

  private final Outage failing = new Outage();
  private final Outage withoutExecutors = new Outage();
  private boolean warnedOfNone;
  private @Nullable ExecutionFailure end;

  private record Retry(TaskGroup group, Set<String> avoided, long at) {}

  /**
   * @param slowestSeconds what an evaluation took at most so far; 0 if that is not known
   */
  public SparkTaskExecutor(
      JavaSparkContext spark,
      WorkerSpec setup,
      FaultTolerance limits,
      double slowestSeconds,
      ExecutorListener listener) {
    this.jobs = new SparkJobs(spark, setup, events);
    this.limits = limits;
    this.listener = listener;
    policy = new FailurePolicy(limits.patience());
    deadline = new Deadline(limits.deadline());
    deadline.done(slowestSeconds);
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
  public Evaluation take() {
    if (open.isEmpty()) {
      throw new IllegalStateException("Nothing was submitted that has not been answered");
    }
    while (end == null) {
      retryWhatIsDue();
      SparkJobs.Event event = next();
      if (event instanceof SparkJobs.Answered answered) {
        Evaluation evaluation = answered(answered.answer());
        if (evaluation != null) {
          return evaluation;
        }
      } else if (event instanceof SparkJobs.Failed failed) {
        end = failed(failed);
      } else {
        listener.waiting(jobs.underWay());
        end = withoutExecutors();
      }
    }
    return takeWhatHasCome(end);
  }

  /** After a failure for good nothing is waited for; what is there is not lost. */
  private Evaluation takeWhatHasCome(ExecutionFailure failure) {
    for (SparkJobs.Event event = events.poll(); event != null; event = events.poll()) {
      if (event instanceof SparkJobs.Answered answered
          && answered.answer() instanceof Answer.Done done
          && open.containsKey(done.task())) {
        return close(done.evaluation());
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

  private @Nullable Evaluation answered(Answer answer) {
    PendingTask ticket = open.get(answer.task());
    if (ticket == null) {
      return null; // A second answer, of an attempt that was believed lost.
    }
    if (answer instanceof Answer.TimedOut timedOut) {
      end = timedOut(timedOut, ticket);
      return null;
    }
    if (answer instanceof Answer.Declined) {
      retry(ticket.again(), elsewhere(ticket));
      return null;
    }
    Answer.Done done = (Answer.Done) answer;
    if (done.loadSeconds() > 0) {
      listener.modelLoaded(done.loadSeconds());
    }
    if (done.evaluation() instanceof Evaluation.Scored scored) {
      deadline.done(scored.score().seconds());
    }
    return close(done.evaluation());
  }

  private Evaluation close(Evaluation evaluation) {
    open.remove(evaluation.task());
    failing.over();
    return evaluation;
  }

  /**
   * A deadline is none of the rescaling's: the task is tried on other executors, and after the
   * patience the search stops. Returns why, or null if it was tried again.
   */
  private @Nullable ExecutionFailure timedOut(Answer.TimedOut answer, PendingTask ticket) {
    ticket.timedOut(answer.executor());
    String sentence =
        String.format(
            Locale.ROOT,
            "%s took longer than its deadline of %.0f s",
            ticket.name(),
            answer.deadlineSeconds());
    if (ticket.timeouts() > 1 && ticket.lateFor().compareTo(limits.patience()) > 0) {
      return new ExecutionFailure(
          String.format(
              Locale.ROOT,
              "T%s, %d times in %d s: expected an end; see what slows executors down, or resume the"
                  + " run with a longer --deadline.",
              sentence.substring(1),
              ticket.timeouts(),
              ticket.lateFor().toSeconds()));
    }
    listener.warning(sentence + " on " + answer.executor() + " and was stopped: trying again.");
    jobs.submit(ticket.again(), deadline.now(), elsewhere(ticket));
    return null;
  }

  /** Executors that are not to be tried again; after the patience each may. */
  private Set<String> elsewhere(PendingTask ticket) {
    return ticket.lateFor().compareTo(limits.patience()) > 0 ? Set.of() : ticket.lateOn();
  }

  private void retry(TaskGroup group, Set<String> avoided) {
    retries.add(new Retry(group, Set.copyOf(avoided), System.nanoTime() + BEFORE_RETRY.toNanos()));
  }

  /** Returns why nothing more can be done, or null if something was done. */
  private @Nullable ExecutionFailure failed(SparkJobs.Failed failed) {
    if (jobs.stopped()) {
      return applicationEnded();
    }
    List<EvaluationTask> missing =
        failed.group().tasks().stream().filter(open::containsKey).toList();
    if (missing.isEmpty()) {
      return null;
    }
    List<PendingTask> tickets = missing.stream().map(open::get).filter(Objects::nonNull).toList();
    tickets.forEach(PendingTask::failed);
    int rounds = tickets.stream().mapToInt(PendingTask::failures).max().orElse(0);
    Duration longest =
        tickets.stream().map(PendingTask::failingFor).max(Comparator.naturalOrder()).orElseThrow();
    Duration lasting = failing.lasts();
    // While an executor is at work it is not known that nothing can be evaluated.
    Verdict verdict =
        policy.of(
            failed.cause(),
            failed.group().description(),
            rounds,
            longest,
            jobs.evaluates() ? Duration.ZERO : lasting);
    if (verdict instanceof Verdict.Retry retry) {
      listener.warning(failed.group().description() + ": " + retry.sentence() + "; trying again.");
      retry(new TaskGroup(failed.group().phase(), failed.group().description(), missing), Set.of());
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

  /** A cluster that has lost its last executor gets time to replace it, and null is returned. */
  private @Nullable ExecutionFailure withoutExecutors() {
    if (jobs.stopped()) {
      return applicationEnded();
    }
    if (jobs.slots() > 0) {
      withoutExecutors.over();
      warnedOfNone = false;
      return null;
    }
    Duration lasts = withoutExecutors.lasts();
    long patience = limits.patience().toSeconds();
    if (lasts.compareTo(limits.patience()) > 0) {
      return new ExecutionFailure(
          "No executor has been there for "
              + patience
              + " s: expected the cluster to replace them; resume the run when it has some.");
    }
    if (lasts.compareTo(WITHOUT_EXECUTORS) > 0 && !warnedOfNone) {
      listener.warning("no executor is there: waiting up to " + patience + " s for one.");
      warnedOfNone = true;
    }
    return null;
  }

  private static ExecutionFailure applicationEnded() {
    return new ExecutionFailure(
        "Spark has ended the application: its master is gone or has removed it; resume the run"
            + " when the cluster is well.");
  }

  /**
   * Cancels what is under way and ends the models of local executors, which are in this process.
   */
  @Override
  public void close() {
    jobs.cancel();
    ResidentModels.close();
  }
}
