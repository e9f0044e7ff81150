package org.longrope.eval.decoder;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.nio.file.Path;
import java.util.Collections;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.longrope.eval.checkpoint.Architecture;
import org.longrope.eval.checkpoint.DType;
import org.longrope.eval.checkpoint.ModelConfig;
import org.longrope.eval.rope.RopeGeometry;

class EvaluationCostTest {
  @TempDir Path directory;

  /** Llama 2 7B. */
  private static final ModelConfig SEVEN_BILLION =
      new ModelConfig(
          "llama",
          4096,
          11_008,
          32,
          32,
          32,
          128,
          32_000,
          1e-5,
          false,
          false,
          false,
          false,
          new RopeGeometry(128, 10_000, 4096),
          Collections.nCopies(32, 0));

  @Test
  void of_llama2_hasItsPublishedNumberOfWeights() {
    EvaluationCost cost =
        EvaluationCost.of(SEVEN_BILLION, AttentionWindow.CONFIG, DType.BF16, true, 4096);
    assertThat(cost.weightBytes()).isEqualTo(2 * 6_738_415_616L);
    assertThat(cost.embeddingBytes()).isEqualTo(2L * 32_000 * 4096);
  }

  @Test
  void of_twoMillionTokensOfLlama2_fitsOneCardOf141Gigabytes() {
    EvaluationCost cost =
        EvaluationCost.of(SEVEN_BILLION, AttentionWindow.CONFIG, DType.BF16, true, 2_097_152);
    assertThat(cost.weightBytes() + cost.passBytes()).isLessThan(141_000_000_000L);
  }

  @ParameterizedTest
  @CsvSource({"none,10", "10,10", "5,5", "1,1"})
  void of_window_countsTheKeysThatAreSeen(String window, int most) {
    ModelConfig config = Architecture.LLAMA.open(directory, 1).config();
    double pairs = 0;
    for (int i = 0; i < 10; i++) {
      pairs += Math.min(i + 1, most);
    }
    double perPair = 4.0 * config.attentionHeads() * config.headDimension() * config.layers();
    EvaluationCost cost =
        EvaluationCost.of(config, AttentionWindow.parse(window), DType.F32, false, 11);
    EvaluationCost all =
        EvaluationCost.of(config, AttentionWindow.parse("none"), DType.F32, false, 11);
    assertThat(all.flop() - cost.flop()).isEqualTo((55 - pairs) * perPair);
  }

  @Test
  void of_nothingToScore_isRejected() {
    ModelConfig config = Architecture.LLAMA.open(directory, 2).config();
    assertThatThrownBy(() -> EvaluationCost.of(config, AttentionWindow.CONFIG, DType.F32, false, 1))
        .hasMessage("Cannot score a window of 1 tokens");
  }
}
