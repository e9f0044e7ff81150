package org.longrope.driver.scoring;

import java.time.Duration;
import java.util.ArrayList;
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
import org.longrope.driver.scoring.FailurePolicy.Verdict;

/**
 * Evaluates on Spark: a job for each group, a task for each evaluation, the model resident in each
 * executor. Jobs overlap, so that an executor that is free finds work whatever the others do.
 */
public final class SparkScorer implements Scorer, AutoCloseable {
  private static final Duration LOOK = Duration.ofSeconds(1);
  private static final Duration BEFORE_RETRY = Duration.ofSeconds(3);

  /** Until it is worth a word: executors of a cluster come when the application is there. */
  private static final Duration WITHOUT_EXECUTORS = Duration.ofSeconds(20);

  private final SparkJobs jobs;
  private final Limits limits;
  private final ScorerListener listener;
  private final FailurePolicy policy;
  private final Deadline deadline;
  private final BlockingQueue<SparkJobs.Event> events = new LinkedBlockingQueue<>();
  private final Map<EvaluationTask, Ticket> open = new HashMap<>();
  private final Set<Retry> retries = new HashSet<>();

  private final Trouble failing = new Trouble();
  private final Trouble withoutExecutors = new Trouble();
  private long answers;
  private boolean warnedOfNone;
  private @Nullable ScoringException end;

  /** What is known of a task that has not been answered. */
  private static final class Ticket {
    final TaskGroup group;
    int failures;
    int timeouts;
    long answersAtFirstFailure;

    Ticket(TaskGroup group) {
      this.group = group;
    }

    void failed(long answers) {
      if (failures++ == 0) {
        answersAtFirstFailure = answers;
      }
    }
  }

  private record Retry(TaskGroup group, long at) {}

  /**
   * @param slowestSeconds what an evaluation took at most so far; 0 if that is not known
   */
  public SparkScorer(
      JavaSparkContext spark,
      WorkerSetup setup,
      Limits limits,
      double slowestSeconds,
      ScorerListener listener) {
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
    group.tasks().forEach(task -> open.put(task, new Ticket(group)));
    jobs.submit(group, deadline.now());
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
  private Evaluation takeWhatHasCome(ScoringException failure) {
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
      throw new ScoringException("The driver was interrupted");
    }
  }

  private @Nullable Evaluation answered(Answer answer) {
    Ticket ticket = open.get(answer.task());
    if (ticket == null) {
      return null; // A second answer, of an attempt that was believed lost.
    }
    if (answer instanceof Answer.TimedOut timedOut) {
      return timedOut(timedOut, ticket);
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
    answers++;
    return evaluation;
  }

  private @Nullable Evaluation timedOut(Answer.TimedOut answer, Ticket ticket) {
    String sentence =
        String.format(
            Locale.ROOT,
            "the evaluation of document %s took longer than its deadline of %.0f s",
            answer.task().documentId(),
            answer.deadlineSeconds());
    if (++ticket.timeouts > 1) {
      return close(new Evaluation.Rejected(answer.task(), sentence + ", twice"));
    }
    listener.warning(sentence + " and was stopped: it is tried once more.");
    TaskGroup group = ticket.group;
    jobs.submit(
        new TaskGroup(group.phase(), group.description(), List.of(answer.task())), deadline.now());
    return null;
  }

  /** Returns why nothing more can be done, or null if something was done. */
  private @Nullable ScoringException failed(SparkJobs.Failed failed) {
    if (jobs.stopped()) {
      return applicationEnded();
    }
    List<EvaluationTask> missing =
        failed.group().tasks().stream().filter(open::containsKey).toList();
    if (missing.isEmpty()) {
      return null;
    }
    List<Ticket> tickets = missing.stream().map(open::get).filter(Objects::nonNull).toList();
    tickets.forEach(ticket -> ticket.failed(answers));
    int rounds = tickets.stream().mapToInt(ticket -> ticket.failures).max().orElse(0);
    boolean othersSucceeded =
        tickets.stream().allMatch(ticket -> answers > ticket.answersAtFirstFailure);
    Duration lasting = failing.lasts();
    // While an executor is at work it is not known that nothing can be evaluated.
    Verdict verdict =
        policy.of(
            failed.cause(), rounds, othersSucceeded, jobs.evaluates() ? Duration.ZERO : lasting);
    if (verdict instanceof Verdict.Reject reject) {
      missing.forEach(
          task ->
              events.add(
                  new SparkJobs.Answered(
                      new Answer.Done(new Evaluation.Rejected(task, reject.reason()), 0))));
    } else if (verdict instanceof Verdict.Retry retry) {
      listener.warning(failed.group().description() + ": " + retry.sentence() + "; trying again.");
      retries.add(
          new Retry(
              new TaskGroup(failed.group().phase(), failed.group().description(), missing),
              System.nanoTime() + BEFORE_RETRY.toNanos()));
    } else if (verdict instanceof Verdict.GiveUp giveUp) {
      return new ScoringException(giveUp.sentence());
    }
    return null;
  }

  private void retryWhatIsDue() {
    long now = System.nanoTime();
    for (Retry retry : new ArrayList<>(retries)) {
      if (now - retry.at() >= 0) {
        retries.remove(retry);
        jobs.submit(retry.group(), deadline.now());
      }
    }
  }

  /** A cluster that has lost its last executor gets time to replace it, and null is returned. */
  private @Nullable ScoringException withoutExecutors() {
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
      return new ScoringException(
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

  private static ScoringException applicationEnded() {
    return new ScoringException(
        "Spark has ended the application: its master is gone or has removed it; resume the run"
            + " when the cluster is well.");
  }

  /**
   * Cancels what is under way and ends the models of local executors, which are in this process.
   */
  @Override
  public void close() {
    jobs.cancel();
    ResidentWorkers.close();
  }
}
