package org.longrope.driver.scoring;

import java.time.Duration;
import java.util.Locale;
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
 *   <li>Tasks whose executors die, or that fail in ways we do not know, may be poison: after a
 *       second round their rescaling is rejected, if others succeeded in between.
 * </ul>
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

    /** The rescaling is rejected, for this reason. */
    record Reject(String reason) implements Verdict {}

    /** Nothing more can be done: one sentence. */
    record GiveUp(String sentence) implements Verdict {}
  }

  /**
   * @param failure that Spark ended the tasks' job with
   * @param rounds how often these tasks have failed, this time included
   * @param othersSucceeded whether an answer has come since their first failure
   * @param lasting how long nothing but failures has come
   */
  Verdict of(Throwable failure, int rounds, boolean othersSucceeded, Duration lasting) {
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
    if (rounds >= ROUNDS && othersSucceeded) {
      return new Verdict.Reject(
          String.format(Locale.ROOT, "given up after %d rounds of attempts: %s", rounds, reason));
    }
    return patient(reason, lasting);
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
