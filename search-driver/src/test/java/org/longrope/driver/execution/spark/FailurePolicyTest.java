package org.longrope.driver.execution.spark;

import static org.assertj.core.api.Assertions.assertThat;

import java.time.Duration;
import org.apache.spark.SparkException;
import org.junit.jupiter.api.Test;
import org.longrope.driver.execution.spark.FailurePolicy.Verdict;
import org.longrope.driver.execution.worker.ExecutorFault;
import org.longrope.eval.BadInputException;

class FailurePolicyTest {
  private static final String NAME = "candidate 7 (3f2a)";
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

  /**
   * Returns Spark's failure of a job: the last failure with its trace in the text, and perhaps as
   * the cause.
   */
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
        for (Duration failing : new Duration[] {Duration.ZERO, PATIENCE}) {
          assertThat(policy.of(failure, NAME, rounds, failing, SHORT))
              .isEqualTo(
                  new Verdict.Retry("an executor cannot evaluate: its device is lost: CUDA error"));
          assertThat(policy.of(failure, NAME, rounds, failing, PATIENCE))
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
    assertThat(policy.of(aborted(unloaded), NAME, 2, PATIENCE, SHORT))
        .isEqualTo(
            new Verdict.Retry(
                "an executor cannot evaluate: it cannot load the model: none at /models/a"));
  }

  @Test
  void badInput_firstRound_isRetriedWhateverItTook() {
    for (Duration lasting : new Duration[] {Duration.ZERO, PATIENCE.multipliedBy(2)}) {
      assertThat(policy.of(aborted(input), NAME, 1, Duration.ZERO, lasting))
          .isEqualTo(new Verdict.Retry("There is no document a."));
    }
  }

  @Test
  void badInput_secondRound_givesUpWithItsSentence() {
    Throwable wrapped = aborted(new IllegalStateException("while reading", input));
    Throwable quoted = aborted(input.toString(), null);
    for (Throwable failure : new Throwable[] {input, aborted(input), quoted, wrapped}) {
      for (Duration failing : new Duration[] {Duration.ZERO, PATIENCE}) {
        assertThat(policy.of(failure, NAME, 2, failing, Duration.ZERO))
            .isEqualTo(new Verdict.GiveUp("There is no document a."));
      }
    }
  }

  @Test
  void unknownFailure_firstRound_isRetriedWhateverItTook() {
    assertThat(policy.of(lost, NAME, 1, PATIENCE, Duration.ZERO)).isInstanceOf(Verdict.Retry.class);
  }

  @Test
  void unknownFailure_whileOthersSucceed_isRetriedUntilPatienceIsOverAndStopsByItsName() {
    for (int rounds : new int[] {2, 3}) {
      assertThat(policy.of(lost, NAME, rounds, SHORT, Duration.ZERO))
          .isInstanceOf(Verdict.Retry.class);
      assertThat(policy.of(lost, NAME, rounds, PATIENCE, Duration.ZERO))
          .isEqualTo(
              new Verdict.GiveUp(
                  NAME
                      + " failed in "
                      + rounds
                      + " rounds of attempts over 600 s while others succeeded: "
                      + ABORTED
                      + "ExecutorLostFailure (executor 1 exited) Reason: exit code 137; see what"
                      + " ends its executors, and resume the run."));
    }
  }

  @Test
  void unknownFailure_whileNothingSucceeds_isRetriedUntilPatienceIsOver() {
    for (int rounds : new int[] {1, 2, 50}) {
      assertThat(policy.of(lost, NAME, rounds, SHORT, SHORT)).isInstanceOf(Verdict.Retry.class);
      assertThat(policy.of(lost, NAME, rounds, PATIENCE, PATIENCE))
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
    assertThat(policy.of(new SparkException(""), NAME, 2, SHORT, Duration.ZERO))
        .isEqualTo(new Verdict.Retry("no reason given"));
  }

  /** Returns Spark's failure when all executors are excluded for a task or a stage. */
  private static Throwable nowhere(String lastFailure) {
    return new SparkException(
        "Job aborted due to stage failure: \n"
            + "Aborting TaskSet 3.0 because task 0 (partition 0)\n"
            + "cannot run anywhere due to node and executor excludeOnFailure.\n"
            + "Most recent failure:\n"
            + lastFailure
            + "\n\nExcludeOnFailure behavior can be configured via spark.excludeOnFailure.*.\n");
  }

  @Test
  void taskThatNeverRan_isRetriedWhoeverSucceeds() {
    assertThat(policy.of(nowhere("null"), NAME, 7, PATIENCE, SHORT))
        .isEqualTo(new Verdict.Retry("every executor that is free is excluded"));
    assertThat(policy.of(nowhere("null"), NAME, 7, PATIENCE, PATIENCE))
        .isInstanceOf(Verdict.GiveUp.class);
  }

  @Test
  void taskThatCanRunNowhereAnyMore_isRetriedForItsLastFailure() {
    assertThat(policy.of(nowhere("ExecutorLostFailure (exit code 137)"), NAME, 2, SHORT, SHORT))
        .isEqualTo(new Verdict.Retry("ExecutorLostFailure (exit code 137)"));
    assertThat(policy.of(nowhere(fault + "\n\tat org.longrope.Some"), NAME, 2, PATIENCE, SHORT))
        .isEqualTo(
            new Verdict.Retry("an executor cannot evaluate: its device is lost: CUDA error"));
  }
}
