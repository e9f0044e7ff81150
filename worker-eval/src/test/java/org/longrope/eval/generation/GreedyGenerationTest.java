package org.longrope.eval.generation;

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
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;
import org.longrope.eval.checkpoint.Architecture;
import org.longrope.eval.checkpoint.Checkpoint;
import org.longrope.eval.checkpoint.TinyCheckpoints;
import org.longrope.eval.decoder.AttentionWindow;
import org.longrope.eval.decoder.ResidentModel;
import org.longrope.eval.decoder.StopSignal;
import org.longrope.eval.decoder.StoppedException;
import org.longrope.eval.decoder.TestThreads;
import org.longrope.eval.rope.FactorTable;
import org.longrope.eval.rope.RescaleFactors;
import org.longrope.eval.rope.Rescaling;

/**
 * Tests that generation with kept keys and values chooses what passes over the whole text choose.
 */
@Tag("numeric")
class GreedyGenerationTest {
  private static final int PROMPT = 36;
  private static final int COUNT = 5;

  @TempDir Path directory;

  @BeforeEach
  void useTestThreads() {
    TestThreads.use();
  }

  private static Rescaling rescaling(int pairs, double step, int startTokens) {
    double[] lambda = new double[pairs];
    Arrays.setAll(lambda, i -> 1 + step * i);
    return new Rescaling(RescaleFactors.of(lambda), startTokens, 1 + step / 8);
  }

  /**
   * Returns a table with boundaries before the prompt's end, within the continuation twice, and
   * beyond it.
   */
  private static FactorTable table(int pairs) {
    return new FactorTable(
        List.of(
            new FactorTable.Entry(20, rescaling(pairs, 0, 0)),
            new FactorTable.Entry(PROMPT + 1, rescaling(pairs, 0.8, 5)),
            new FactorTable.Entry(PROMPT + 3, rescaling(pairs, 2.5, 0)),
            new FactorTable.Entry(100, rescaling(pairs, 6, 9))));
  }

  private static int[] prompt(long seed) {
    return new Random(seed).ints(PROMPT, 0, TinyCheckpoints.VOCABULARY).toArray();
  }

  /**
   * Asserts that each token is the likeliest, but for rounding, of one whole pass for each word of
   * the vocabulary, under the rescaling of that length.
   */
  private static void assertIsWhatWholePassesChoose(
      int[] continuation, ResidentModel model, FactorTable table, int[] prompt) {
    assertThat(continuation).hasSize(COUNT);
    int[] text = prompt;
    for (int chosen : continuation) {
      int last = text.length;
      text = Arrays.copyOf(text, last + 1);
      float[] nll = new float[TinyCheckpoints.VOCABULARY];
      for (int word = 0; word < nll.length; word++) {
        text[last] = word;
        nll[word] = model.nll(text, last, table.at(last + 1))[0];
      }
      text[last] = chosen;
      float nllOfChosen = nll[chosen];
      Arrays.sort(nll);
      assertThat(nllOfChosen).isCloseTo(nll[0], within(1e-4f));
    }
  }

  @ParameterizedTest
  @EnumSource
  void continuation_acrossBoundaries_isThatOfWholePasses(Architecture architecture) {
    Checkpoint checkpoint = architecture.open(directory, 21);
    FactorTable table = table(checkpoint.config().rope().pairs());
    try (ResidentModel model = ResidentModel.load(checkpoint, AttentionWindow.CONFIG, 64);
        GreedyGeneration generation = new GreedyGeneration(model, table, PROMPT + COUNT)) {
      assertIsWhatWholePassesChoose(
          generation.continuation(prompt(22), COUNT, StopSignal.NEVER), model, table, prompt(22));
    }
  }

  @Test
  void continuation_underOneEntryOrAnother_differs() {
    Checkpoint checkpoint = Architecture.LLAMA.open(directory, 21);
    FactorTable table = table(checkpoint.config().rope().pairs());
    try (ResidentModel model = ResidentModel.load(checkpoint, AttentionWindow.CONFIG, 64)) {
      int[] dynamic = generated(model, table);
      for (int length : new int[] {20, PROMPT + 1, 100}) {
        assertThat(generated(model, FactorTable.constant(table.at(length)))).isNotEqualTo(dynamic);
      }
    }
  }

  private static int[] generated(ResidentModel model, FactorTable table) {
    try (GreedyGeneration generation = new GreedyGeneration(model, table, PROMPT + COUNT)) {
      return generation.continuation(prompt(22), COUNT, StopSignal.NEVER);
    }
  }

  @Test
  void nll_afterAContinuation_isThatOfAWholePass() {
    Checkpoint checkpoint = Architecture.MISTRAL.open(directory, 31);
    FactorTable table = table(checkpoint.config().rope().pairs());
    int[] prompt = prompt(32);
    try (ResidentModel model = ResidentModel.load(checkpoint, AttentionWindow.CONFIG, 64);
        GreedyGeneration generation = new GreedyGeneration(model, table, PROMPT + COUNT)) {
      int[] chosen = generation.continuation(prompt, COUNT, StopSignal.NEVER);
      for (int count : new int[] {2, 3, COUNT}) {
        int[] text = Arrays.copyOf(prompt, PROMPT + count);
        System.arraycopy(chosen, 0, text, PROMPT, count);
        text[PROMPT + 1] = (chosen[1] + 1) % TinyCheckpoints.VOCABULARY;
        assertThat(generation.nll(text, PROMPT, StopSignal.NEVER))
            .containsExactly(model.nll(text, PROMPT, table.at(text.length)), within(1e-4f));
      }
      assertThat(generation.continuation(prompt, COUNT, StopSignal.NEVER)).isEqualTo(chosen);
    }
  }

  @Test
  void continuation_stoppedOrTooLong_leavesTheGenerationUsable() {
    Checkpoint checkpoint = Architecture.LLAMA.open(directory, 41);
    FactorTable table = table(checkpoint.config().rope().pairs());
    int[] prompt = prompt(42);
    try (ResidentModel model = ResidentModel.load(checkpoint, AttentionWindow.CONFIG, 64);
        GreedyGeneration generation = new GreedyGeneration(model, table, PROMPT + COUNT)) {
      assertThatThrownBy(() -> generation.continuation(prompt, COUNT, () -> true))
          .isInstanceOf(StoppedException.class);
      assertThatThrownBy(() -> generation.continuation(prompt, COUNT + 1, StopSignal.NEVER))
          .isInstanceOf(IllegalArgumentException.class)
          .hasMessageContaining("42");
      assertThat(generation.continuation(prompt, 0, StopSignal.NEVER)).isEmpty();
      assertIsWhatWholePassesChoose(
          generation.continuation(prompt, COUNT, StopSignal.NEVER), model, table, prompt);
    }
  }
}
