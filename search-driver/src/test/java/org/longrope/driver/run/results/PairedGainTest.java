package org.longrope.driver.run.results;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.within;

import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Random;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.longrope.driver.execution.EvaluationTask;
import org.longrope.driver.execution.TaskGroup;
import org.longrope.driver.execution.TaskResult;
import org.longrope.driver.run.Runs;
import org.longrope.driver.run.replay.RunDirectory;
import org.longrope.driver.run.replay.RunLog;
import org.longrope.eval.perplexity.DocumentScore;
import org.longrope.eval.perplexity.Protocol;
import org.longrope.eval.rope.RescaleFactors;
import org.longrope.eval.rope.Rescaling;

class PairedGainTest {
  private static final int TOKENS = 127;

  @TempDir static Path directory;
  private static int journals;

  private static EvaluationTask task(double factor, int document) {
    return new EvaluationTask(
        new Rescaling(RescaleFactors.of(1, factor), 0, 1),
        "doc-" + document,
        new Protocol.Truncated(TOKENS + 1));
  }

  private static final TaskGroup GROUP = TaskGroup.of("held-out", "", List.of());

  /** NLL per token of one rescaling and another on each document. */
  private static java.util.Optional<PairedGain> gain(double[] one, double[] other) {
    String run = directory.resolve("run-" + journals++).toString();
    List<EvaluationTask> ones = new ArrayList<>();
    List<EvaluationTask> others = new ArrayList<>();
    try (RunLog journal = RunLog.claim(RunDirectory.create(run, Runs.HADOOP), Runs::noCandidates)) {
      for (int i = 0; i < one.length; i++) {
        ones.add(task(2, i));
        others.add(task(3, i));
        journal.append(evaluation(ones.get(i), one[i]), GROUP);
        journal.append(evaluation(others.get(i), other[i]), GROUP);
      }
      return PairedGain.of(ones, others, journal.evaluations());
    }
  }

  private static TaskResult<DocumentScore> evaluation(EvaluationTask task, double nll) {
    return Double.isNaN(nll)
        ? new TaskResult.Rejected<>(task, "no number")
        : task.completed(
            new DocumentScore(task.documentId(), nll * TOKENS, TOKENS, 0), "f32", null);
  }

  @Test
  void interval_knownDifferences_equalsThatOfStudent() {
    PairedGain gain = gain(new double[] {1, 2, 3}, new double[] {1.1, 2.2, 3.3}).orElseThrow();
    assertThat(gain.difference()).isCloseTo(-0.2, within(1e-12));
    // s = 0.1, t(0.975; 2) = 4.3026527.
    assertThat(gain.half()).isCloseTo(4.3026527 * 0.1 / Math.sqrt(3), within(1e-8));
    assertThat(gain.against("yarn"))
        .isEqualTo("18.1 % below yarn (95 % interval -5.0 to 36.1 %, 3 documents)");
  }

  @Test
  void against_worseRescaling_saysAbove() {
    PairedGain gain = gain(new double[] {1.1, 2.1, 3.12}, new double[] {1, 2, 3}).orElseThrow();
    assertThat(gain.against("yarn"))
        .isEqualTo("11.3 % above yarn (95 % interval 8.1 to 14.5 %, 3 documents)");
  }

  @Test
  void of_oneDocumentOrARejectedOne_isEmpty() {
    assertThat(gain(new double[] {1}, new double[] {2})).isEmpty();
    assertThat(gain(new double[] {1, 2}, new double[] {2, Double.NaN})).isEmpty();
  }

  @Test
  void of_documentAtSeveralLengths_weighsLengthsAlike() {
    String run = directory.resolve("run-" + journals++).toString();
    List<EvaluationTask> ones = new ArrayList<>();
    List<EvaluationTask> others = new ArrayList<>();
    try (RunLog journal = RunLog.claim(RunDirectory.create(run, Runs.HADOOP), Runs::noCandidates)) {
      for (int document = 0; document < 2; document++) {
        for (int length : new int[] {128, 32}) {
          for (double factor : new double[] {2, 3}) {
            EvaluationTask task =
                new EvaluationTask(
                    task(factor, document).rescaling(),
                    "doc-" + document,
                    new Protocol.Truncated(length));
            (factor == 2 ? ones : others).add(task);
            // Of the second document 0.1 less at the long length and 0.3 more at the short one.
            double difference = factor == 3 || document == 0 ? 0 : length == 128 ? -0.1 : 0.3;
            long tokens = length - 1;
            journal.append(
                task.completed(
                    new DocumentScore(task.documentId(), (2 + difference) * tokens, tokens, 0),
                    "f32",
                    null),
                GROUP);
          }
        }
      }
      PairedGain gain = PairedGain.of(ones, others, journal.evaluations()).orElseThrow();
      assertThat(gain.documents()).isEqualTo(2);
      assertThat(gain.difference()).isCloseTo(0.05, within(1e-12));
    }
  }

  /** Checks that an interval misses the true mean in 5 of 100 cases. */
  @Test
  void interval_randomSamples_coversTheMeanAsOftenAsStated() {
    Random random = new Random(5);
    int covered = 0;
    int trials = 400;
    for (int trial = 0; trial < trials; trial++) {
      double[] one = random.doubles(5).map(u -> 2 + 0.05 * random.nextGaussian()).toArray();
      double[] other = {2, 2, 2, 2, 2};
      PairedGain gain = gain(one, other).orElseThrow();
      covered += Math.abs(gain.difference()) <= gain.half() ? 1 : 0;
    }
    assertThat(covered / (double) trials).isBetween(0.91, 0.985);
  }
}
