package org.longrope.driver.lab.bench;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.nio.file.Path;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.condition.EnabledOnOs;
import org.junit.jupiter.api.condition.OS;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.longrope.eval.checkpoint.DType;
import org.longrope.eval.decoder.AttentionWindow;
import org.longrope.eval.decoder.EvaluationCost;
import org.longrope.eval.decoder.GradientMemory;
import org.longrope.eval.decoder.Libtorch;
import org.longrope.eval.decoder.ResidentModel;
import org.longrope.eval.family.LlamaShape;

@EnabledOnOs(OS.LINUX)
class EvaluatorMemoryTest {
  private static final long MIB = 1 << 20;

  @TempDir Path directory;

  @BeforeEach
  void useOneThread() {
    Libtorch.useThreads(1);
  }

  private static LlamaShape shape(int keyValueHeads, int layers) {
    return new LlamaShape(64, 128, layers, 8, keyValueHeads, 300, true, 10_000, 256);
  }

  /** Scores of all heads at once would be 2 GiB. */
  @ParameterizedTest
  @CsvSource({"8,none", "2,none", "1,none", "8,1000", "2,1000"})
  void evaluate_longDocument_takesMemoryInProportionToItsLength(int keyValueHeads, String window)
      throws IOException {
    int length = 8192;
    LlamaShape shape = shape(keyValueHeads, 1);
    AttentionWindow attentionWindow = AttentionWindow.parse(window);
    EvaluationCost cost =
        EvaluationCost.of(shape.spec(), attentionWindow, DType.F32, false, length);
    try (ResidentModel model =
        ResidentModel.load(
            RandomCheckpoint.write(directory, shape.toJson(), DType.F32),
            attentionWindow,
            length)) {
      RandomTokens.evaluate(model, 16);
      ProcessMemory.releaseFree();
      long before = ProcessMemory.resident();
      ProcessMemory.forgetPeak();
      RandomTokens.evaluate(model, length);
      assertThat(ProcessMemory.peak() - before).isLessThan(cost.passBytes() + 100 * MIB);
    }
  }

  /** The whole graph of one layer would hold 2 GiB of scores. */
  @ParameterizedTest
  @CsvSource({"8,none,1", "2,none,5", "2,1000,5"})
  void gradient_longDocument_takesTheMemoryOfItsCost(int keyValueHeads, String window, int layers)
      throws IOException {
    int length = 8192;
    LlamaShape shape = shape(keyValueHeads, layers);
    AttentionWindow attentionWindow = AttentionWindow.parse(window);
    EvaluationCost pass =
        EvaluationCost.of(shape.spec(), attentionWindow, DType.F32, false, length);
    GradientMemory cost = GradientMemory.of(shape.spec(), DType.F32, false, length);
    try (ResidentModel model =
        ResidentModel.load(
            RandomCheckpoint.write(directory, shape.toJson(), DType.F32),
            attentionWindow,
            length)) {
      RandomTokens.gradient(model, 16);
      ProcessMemory.releaseFree();
      long before = ProcessMemory.resident();
      ProcessMemory.forgetPeak();
      RandomTokens.gradient(model, length);
      long all = pass.passBytes() + cost.workBytes() + layers * cost.inputBytes();
      assertThat(ProcessMemory.peak() - before).isLessThan(all + 100 * MIB);
    }
  }

  @Test
  void evaluate_threeHundredTimes_leavesMemoryFlat() throws IOException {
    LlamaShape shape = shape(2, 2);
    try (ResidentModel model =
        ResidentModel.load(
            RandomCheckpoint.write(directory, shape.toJson(), DType.F32),
            AttentionWindow.CONFIG,
            512)) {
      long settled = 0;
      for (int i = 1; i <= 300; i++) {
        RandomTokens.evaluate(model, 512);
        if (i == 50) {
          ProcessMemory.releaseFree();
          settled = ProcessMemory.resident();
        }
      }
      ProcessMemory.releaseFree();
      // One forgotten hidden state an evaluation would be 32 MiB.
      assertThat(ProcessMemory.resident() - settled).isLessThan(16 * MIB);
    }
  }

  @Test
  void gradient_hundredTimes_leavesMemoryFlat() throws IOException {
    LlamaShape shape = shape(2, 2);
    try (ResidentModel model =
        ResidentModel.load(
            RandomCheckpoint.write(directory, shape.toJson(), DType.F32),
            AttentionWindow.CONFIG,
            1024)) {
      long settled = 0;
      for (int i = 1; i <= 100; i++) {
        RandomTokens.gradient(model, 1024);
        if (i == 20) {
          ProcessMemory.releaseFree();
          settled = ProcessMemory.resident();
        }
      }
      ProcessMemory.releaseFree();
      // One forgotten layer input a gradient would be 20 MiB.
      assertThat(ProcessMemory.resident() - settled).isLessThan(12 * MIB);
    }
  }
}
