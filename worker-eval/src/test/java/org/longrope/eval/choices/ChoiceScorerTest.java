package org.longrope.eval.choices;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.assertj.core.api.Assertions.within;

import java.nio.file.Path;
import java.util.Arrays;
import java.util.List;
import java.util.Random;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.longrope.eval.BadInputException;
import org.longrope.eval.checkpoint.Architecture;
import org.longrope.eval.checkpoint.Checkpoint;
import org.longrope.eval.checkpoint.TinyCheckpoints;
import org.longrope.eval.decoder.AttentionWindow;
import org.longrope.eval.decoder.ResidentModel;
import org.longrope.eval.decoder.StopSignal;
import org.longrope.eval.decoder.StoppedException;
import org.longrope.eval.decoder.TestThreads;
import org.longrope.eval.rope.RescaleFactors;
import org.longrope.eval.rope.Rescaling;

/** Tests of the shared reading of contexts against each whole sequence read alone. */
@Tag("numeric")
class ChoiceScorerTest {
  @TempDir Path directory;
  private Checkpoint checkpoint;
  private Rescaling rescaling;

  @BeforeEach
  void openModel() {
    TestThreads.use();
    checkpoint = Architecture.LLAMA.open(directory, 1);
    double[] lambda = new double[checkpoint.config().rope().pairs()];
    Arrays.setAll(lambda, i -> 1 + 0.5 * i);
    rescaling = new Rescaling(RescaleFactors.of(lambda), 3, 1.1);
  }

  private static int[] tokens(int n, long seed) {
    return new Random(seed).ints(n, 0, TinyCheckpoints.VOCABULARY).toArray();
  }

  private static int[] join(int[] first, int[] second) {
    int[] joined = Arrays.copyOf(first, first.length + second.length);
    System.arraycopy(second, 0, joined, first.length, second.length);
    return joined;
  }

  private double expected(ResidentModel model, int[] context, int[] continuation) {
    double sum = 0;
    for (float nll : model.nll(join(context, continuation), context.length, rescaling)) {
      sum -= nll;
    }
    return sum;
  }

  @Test
  void score_ofQuestionsWithCommonBeginnings_isThatOfEachSequenceAlone() {
    int[] common = tokens(20, 2);
    List<int[]> contexts =
        List.of(
            join(common, tokens(9, 3)),
            join(common, tokens(5, 4)),
            common,
            common,
            tokens(11, 5),
            join(common, tokens(9, 3)));
    int[][] continuations = {tokens(1, 6), tokens(7, 7), tokens(3, 8)};
    try (ResidentModel model = ResidentModel.load(checkpoint, AttentionWindow.CONFIG, 64);
        ChoiceScorer scorer = new ChoiceScorer(model, 36, 20, rescaling)) {
      for (int[] context : contexts) {
        Choices choices = new Choices("q", context, continuations);
        double[] scores = scorer.score(choices, StopSignal.NEVER).logLikelihoods();
        assertThat(scores).hasSize(3);
        for (int c = 0; c < 3; c++) {
          assertThat(scores[c]).isCloseTo(expected(model, context, continuations[c]), within(1e-4));
        }
      }
    }
  }

  @Test
  void score_afterAStop_isUnchanged() {
    int[] context = tokens(12, 9);
    Choices choices = new Choices("q", context, new int[][] {tokens(2, 1), tokens(2, 2)});
    try (ResidentModel model = ResidentModel.load(checkpoint, AttentionWindow.CONFIG, 64);
        ChoiceScorer scorer = new ChoiceScorer(model, 14, 5, rescaling)) {
      assertThatThrownBy(() -> scorer.score(choices, () -> true))
          .isInstanceOf(StoppedException.class);
      assertThat(scorer.score(choices, StopSignal.NEVER).logLikelihoods()[1])
          .isCloseTo(expected(model, context, choices.continuations()[1]), within(1e-4));
    }
  }

  @Test
  void score_ofAWordThatTheModelLacks_isRejectedByName() {
    int[][] continuations = {{1}, {TinyCheckpoints.VOCABULARY}};
    try (ResidentModel model = ResidentModel.load(checkpoint, AttentionWindow.CONFIG, 64);
        ChoiceScorer scorer = new ChoiceScorer(model, 8, 0, rescaling)) {
      assertThatThrownBy(
              () -> scorer.score(new Choices("q7", new int[] {1}, continuations), () -> false))
          .isInstanceOf(BadInputException.class)
          .hasMessageContaining("Question q7 has a token of id 64: expected 0 to 63");
    }
  }

  @Test
  void scores_ofAnyBatch_haveEqualBits() {
    int[] common = tokens(20, 2);
    Choices[] all = new Choices[5];
    int[][] continuations = {tokens(1, 6), tokens(7, 7), tokens(3, 8)};
    Arrays.setAll(
        all, q -> new Choices("q" + q, join(common, tokens(q == 2 ? 0 : 4, q / 2)), continuations));
    try (ResidentModel model = ResidentModel.load(checkpoint, AttentionWindow.CONFIG, 64)) {
      double[][] together = scores(model, all);
      for (int from = 0; from < all.length; from++) {
        for (int to = from + 1; to <= all.length; to++) {
          assertThat(scores(model, Arrays.copyOfRange(all, from, to)))
              .isDeepEqualTo(Arrays.copyOfRange(together, from, to));
        }
      }
      Choices[] backwards = {all[4], all[3], all[2], all[1], all[0]};
      assertThat(scores(model, backwards)[0]).isEqualTo(together[4]);
      assertThat(scores(model, backwards)[4]).isEqualTo(together[0]);
    }
  }

  private double[][] scores(ResidentModel model, Choices... questions) {
    ChoiceScore[] scores =
        new ChoiceBatch(rescaling, 20, 36, questions).scores(model, StopSignal.NEVER);
    return Arrays.stream(scores).map(ChoiceScore::logLikelihoods).toArray(double[][]::new);
  }

  @Test
  void tokens_ofABatch_countTheBeginningOnce() {
    Choices choices = new Choices("q", new int[] {1, 2, 3, 4}, new int[][] {{5}, {6, 7}});
    assertThat(choices.longest()).isEqualTo(6);
    assertThat(choices.sharedPrefix(new int[0])).isZero();
    assertThat(choices.sharedPrefix(new int[] {1, 2, 9, 4, 5})).isEqualTo(2);
    assertThat(choices.sharedPrefix(new int[] {1, 2, 3, 4, 5})).isEqualTo(4);
    assertThat(new ChoiceBatch(rescaling, 2, 6, new Choices[] {choices, choices}).tokens())
        .isEqualTo(2 + 2 * (2 + 1 + 2));
  }

  @Test
  void choices_withoutAChoice_areRejected() {
    assertThatThrownBy(() -> new Choices("q", new int[0], new int[][] {{1}, {2}}))
        .isInstanceOf(IllegalArgumentException.class);
    assertThatThrownBy(() -> new Choices("q", new int[] {1}, new int[][] {{1}}))
        .isInstanceOf(IllegalArgumentException.class);
    assertThatThrownBy(() -> new Choices("q", new int[] {1}, new int[][] {{1}, {}}))
        .isInstanceOf(IllegalArgumentException.class);
  }
}
