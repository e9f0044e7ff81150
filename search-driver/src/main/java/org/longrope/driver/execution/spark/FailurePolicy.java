package org.longrope.driver.execution.spark;

import java.time.Duration;
import java.util.Locale;
import org.longrope.driver.execution.worker.ExecutorFault;
import org.longrope.eval.BadInputException;

/**
 * What is done about tasks that Spark has given up, after its own attempts on several executors
 * (spark.task.maxFailures).
 *
 * <ul>
 *   <li>Executors that cannot evaluate are no fault of a candidate: the tasks are submitted again
 *       until nothing has succeeded for as long as patience lasts.
 *   <li>Input that cannot be read (a document, say) is needed by every candidate: the search stops
 *       after a second round of attempts.
 *   <li>Tasks whose executors die, or that fail in ways we do not know, are submitted again until
 *       they have failed for as long as patience lasts, and twice.
 * </ul>
 *
 * No failure rejects a rescaling. All rescalings take the same work and memory, so an executor dies
 * of its cluster and not of one of them; how often, and who succeeds meanwhile, is chance, and a
 * search that rejected candidates for it would take another course on another cluster.
 */
final class FailurePolicy {
  private static final int ROUNDS = 2;

  /** What Spark quotes of a task that has not run: executors were excluded for others. */
  private static final String NEVER_RAN = "null";

  private final Duration patience;

  FailurePolicy(Duration patience) {
    this.patience = patience;
  }

  /** What to do. */
  sealed interface Verdict {
    /** Submit the tasks again, after a while. */
    record Retry(String sentence) implements Verdict {}

    /** Nothing more can be done: one sentence. */
    record GiveUp(String sentence) implements Verdict {}
  }

  /**
   * @param failure that Spark ended the tasks' job with
   * @param name of the tasks, such as candidate 17 (3f…)
   * @param rounds how often these tasks have failed, this time included
   * @param failing how long it is since their first failure
   * @param lasting how long nothing but failures has come
   */
  Verdict of(Throwable failure, String name, int rounds, Duration failing, Duration lasting) {
    String fault = SparkFailure.message(failure, ExecutorFault.class);
    if (fault != null) {
      return patient("an executor cannot evaluate: " + fault, lasting);
    }
    String input = SparkFailure.message(failure, BadInputException.class);
    if (input != null) {
      return rounds < ROUNDS ? new Verdict.Retry(input) : new Verdict.GiveUp(input);
    }
    String reason = SparkFailure.reason(failure);
    if (reason.equals(NEVER_RAN)) {
      return patient("every executor that is free is excluded", lasting);
    }
    Verdict verdict = patient(reason, lasting);
    return verdict instanceof Verdict.Retry && rounds >= ROUNDS && failing.compareTo(patience) >= 0
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

  private Verdict patient(String sentence, Duration lasting) {
    return lasting.compareTo(patience) < 0
        ? new Verdict.Retry(sentence)
        : new Verdict.GiveUp(
            String.format(
                Locale.ROOT,
                "Nothing has been evaluated for %d s: %s",
                lasting.toSeconds(),
                sentence));
  }
}
