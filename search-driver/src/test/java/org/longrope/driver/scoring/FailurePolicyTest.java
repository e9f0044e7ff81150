package org.longrope.driver.scoring;

import static org.assertj.core.api.Assertions.assertThat;

import java.time.Duration;
import org.apache.spark.SparkException;
import org.junit.jupiter.api.Test;
import org.longrope.driver.scoring.FailurePolicy.Verdict;
import org.longrope.eval.BadInputException;

class FailurePolicyTest {
  private static final Duration PATIENCE = Duration.ofMinutes(10);
  private static final Duration SHORT = Duration.ofSeconds(599);
  private final ExecutorFault fault = new ExecutorFault("its device is lost: CUDA error", null);
  private final BadInputException input = new BadInputException("There is no document a.");
  private static final String ABORTED =
      "Job aborted due to stage failure: Task 0 in stage 3.0 failed 4 times, most recent failure:"
          + " Lost task 0.3 in stage 3.0 (TID 7) (10.0.0.2 executor 1): ";
  private final Throwable lost =
      aborted("ExecutorLostFailure (executor 1 exited) Reason: exit code 137", null);

  private final FailurePolicy policy = new FailurePolicy(PATIENCE);

  /** As Spark ends a job: the last failure with its trace in the text, and perhaps as the cause. */
  private static Throwable aborted(String failure, Throwable cause) {
    return new SparkException(
        ABORTED + failure + "\n\tat org.longrope.Some.method(Some.java:7)\n\nDriver stacktrace:",
        cause);
  }

  private static Throwable aborted(Throwable cause) {
    return aborted(cause.toString(), cause);
  }

  @Test
  void executorFault_inWhateverRound_isRetriedUntilPatienceIsOver() {
    for (Throwable failure :
        new Throwable[] {fault, aborted(fault), aborted(fault.toString(), null)}) {
      for (int rounds : new int[] {1, 2, 50}) {
        for (boolean othersSucceeded : new boolean[] {false, true}) {
          assertThat(policy.of(failure, rounds, othersSucceeded, SHORT))
              .isEqualTo(
                  new Verdict.Retry("an executor cannot evaluate: its device is lost: CUDA error"));
          assertThat(policy.of(failure, rounds, othersSucceeded, PATIENCE))
              .isEqualTo(
                  new Verdict.GiveUp(
                      "Nothing has been evaluated for 600 s: an executor cannot evaluate: its"
                          + " device is lost: CUDA error"));
        }
      }
    }
  }

  @Test
  void executorFault_overInputThatCannotBeRead_isTheExecutors() {
    // A model that is not there on one host may be on another.
    ExecutorFault unloaded =
        new ExecutorFault("it cannot load the model: none at /models/a", input);
    assertThat(policy.of(aborted(unloaded), 2, true, SHORT))
        .isEqualTo(
            new Verdict.Retry(
                "an executor cannot evaluate: it cannot load the model: none at /models/a"));
  }

  @Test
  void badInput_firstRound_isRetriedWhateverItTook() {
    for (Duration lasting : new Duration[] {Duration.ZERO, PATIENCE.multipliedBy(2)}) {
      assertThat(policy.of(aborted(input), 1, false, lasting))
          .isEqualTo(new Verdict.Retry("There is no document a."));
    }
  }

  @Test
  void badInput_secondRound_givesUpWithItsSentence() {
    Throwable wrapped = aborted(new IllegalStateException("while reading", input));
    Throwable quoted = aborted(input.toString(), null);
    for (Throwable failure : new Throwable[] {input, aborted(input), quoted, wrapped}) {
      for (boolean othersSucceeded : new boolean[] {false, true}) {
        assertThat(policy.of(failure, 2, othersSucceeded, Duration.ZERO))
            .isEqualTo(new Verdict.GiveUp("There is no document a."));
      }
    }
  }

  @Test
  void unknownFailure_firstRound_isRetriedThoughOthersSucceed() {
    assertThat(policy.of(lost, 1, true, Duration.ZERO)).isInstanceOf(Verdict.Retry.class);
  }

  @Test
  void unknownFailure_secondRoundWhileOthersSucceed_isRejectedInOneLine() {
    for (int rounds : new int[] {2, 3}) {
      assertThat(policy.of(lost, rounds, true, Duration.ZERO))
          .isEqualTo(
              new Verdict.Reject(
                  "given up after "
                      + rounds
                      + " rounds of attempts: "
                      + ABORTED
                      + "ExecutorLostFailure (executor 1 exited) Reason: exit code 137"));
    }
  }

  @Test
  void unknownFailure_whileNothingSucceeds_isRetriedUntilPatienceIsOver() {
    for (int rounds : new int[] {1, 2, 50}) {
      assertThat(policy.of(lost, rounds, false, SHORT)).isInstanceOf(Verdict.Retry.class);
      assertThat(policy.of(lost, rounds, false, PATIENCE))
          .isInstanceOfSatisfying(
              Verdict.GiveUp.class,
              giveUp ->
                  assertThat(giveUp.sentence())
                      .startsWith("Nothing has been evaluated for 600 s: Job aborted")
                      .endsWith("exit code 137"));
    }
  }

  @Test
  void failureWithoutAMessage_isToldAllTheSame() {
    assertThat(policy.of(new SparkException(""), 2, true, Duration.ZERO))
        .isEqualTo(new Verdict.Reject("given up after 2 rounds of attempts: no reason given"));
  }

  /** As Spark says that all executors are excluded for a task or a stage. */
  private static Throwable nowhere(String lastFailure) {
    return new SparkException(
        "Job aborted due to stage failure: \nAborting TaskSet 3.0 because task 0 (partition 0)\ncannot"
            + " run anywhere due to node and executor excludeOnFailure.\nMost recent failure:\n"
            + lastFailure
            + "\n\nExcludeOnFailure behavior can be configured via spark.excludeOnFailure.*.\n");
  }

  @Test
  void taskThatNeverRan_isRetriedWhoeverSucceeds() {
    assertThat(policy.of(nowhere("null"), 7, true, SHORT))
        .isEqualTo(new Verdict.Retry("every executor that is free is excluded"));
    assertThat(policy.of(nowhere("null"), 7, true, PATIENCE)).isInstanceOf(Verdict.GiveUp.class);
  }

  @Test
  void taskThatCanRunNowhereAnyMore_isRejectedForItsLastFailure() {
    assertThat(policy.of(nowhere("ExecutorLostFailure (exit code 137)"), 2, true, SHORT))
        .isEqualTo(
            new Verdict.Reject(
                "given up after 2 rounds of attempts: ExecutorLostFailure (exit code 137)"));
    assertThat(policy.of(nowhere(fault + "\n\tat org.longrope.Some"), 2, true, SHORT))
        .isEqualTo(
            new Verdict.Retry("an executor cannot evaluate: its device is lost: CUDA error"));
  }
}
