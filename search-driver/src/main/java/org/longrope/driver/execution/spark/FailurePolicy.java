package org.longrope.driver.execution.spark;

import java.time.Duration;
import java.util.Locale;
import org.longrope.driver.execution.worker.ExecutorFault;
import org.longrope.eval.BadInputException;

/**
 * Policy for tasks that Spark has given up after its own attempts on several executors
 * (spark.task.maxFailures).
 *
 * <ul>
 *   <li>Executors that cannot evaluate: the tasks are submitted again until nothing has succeeded
 *       for the timeout.
 *   <li>Input that cannot be read, such as a document, is needed by every candidate: the run stops
 *       after a second round of attempts.
 *   <li>Tasks whose executors die, or that fail in unknown ways, are submitted again until they
 *       have failed for the timeout, and at least twice.
 * </ul>
 *
 * No failure rejects a rescaling. All rescalings take the same work and memory, so an executor dies
 * of its cluster and not of one of them; how often, and who succeeds meanwhile, is chance, and a
 * search that rejected candidates for it would take another course on another cluster.
 */
final class FailurePolicy {
  private static final int ROUNDS = 2;

  /** Reason that Spark gives for a task that has not run: executors were excluded for others. */
  private static final String NEVER_RAN = "null";

  private final Duration timeout;

  FailurePolicy(Duration timeout) {
    this.timeout = timeout;
  }

  /** Decision about failed tasks. */
  sealed interface Verdict {
    /** The tasks are submitted again, after a pause. */
    record Retry(String sentence) implements Verdict {}

    /** The run stops, with one sentence. */
    record GiveUp(String sentence) implements Verdict {}
  }

  /**
   * Decides about failed tasks.
   *
   * @param failure that Spark ended the job of the tasks with
   * @param name of the tasks, such as candidate 17 (3f…)
   * @param rounds how often these tasks have failed, this time included
   * @param failing time since their first failure
   * @param lasting time in which nothing has succeeded
   */
  Verdict of(Throwable failure, String name, int rounds, Duration failing, Duration lasting) {
    String fault = SparkFailure.message(failure, ExecutorFault.class);
    if (fault != null) {
      return untilTimeout("an executor cannot evaluate: " + fault, lasting);
    }
    String input = SparkFailure.message(failure, BadInputException.class);
    if (input != null) {
      return rounds < ROUNDS ? new Verdict.Retry(input) : new Verdict.GiveUp(input);
    }
    String reason = SparkFailure.reason(failure);
    if (reason.equals(NEVER_RAN)) {
      return untilTimeout("every executor that is free is excluded", lasting);
    }
    Verdict verdict = untilTimeout(reason, lasting);
    return verdict instanceof Verdict.Retry && rounds >= ROUNDS && failing.compareTo(timeout) >= 0
        ? new Verdict.GiveUp(
            String.format(
                Locale.ROOT,
                "%s failed in %d rounds of attempts over %d s while others succeeded: %s; see what"
                    + " ends its executors, and resume the run.",
                name,
                rounds,
                failing.toSeconds(),
                reason))
        : verdict;
  }

  private Verdict untilTimeout(String sentence, Duration lasting) {
    return lasting.compareTo(timeout) < 0
        ? new Verdict.Retry(sentence)
        : new Verdict.GiveUp(
            String.format(
                Locale.ROOT,
                "Nothing has been evaluated for %d s: %s",
                lasting.toSeconds(),
                sentence));
  }
}
