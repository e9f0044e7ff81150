package org.longrope.eval.decoder;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import ai.djl.Device;
import java.nio.file.Path;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.longrope.eval.BadInputException;
import org.longrope.eval.checkpoint.DType;
import org.longrope.eval.family.DecoderSpec;
import org.longrope.eval.family.LlamaShape;
import org.longrope.eval.family.TinyFamilies;

class GradientMemoryTest {
  private static final long CARD = 141_000_000_000L;

  @TempDir Path directory;

  /** Llama 2 7B. */
  private static final DecoderSpec SEVEN_BILLION =
      new LlamaShape(4096, 11_008, 32, 32, 32, 32_000, false, 10_000, 4096).spec();

  private static EvaluationCost pass(int length) {
    return EvaluationCost.of(SEVEN_BILLION, AttentionWindow.CONFIG, DType.BF16, true, length);
  }

  private static int kept(int length, long host) {
    EvaluationCost pass = pass(length);
    GradientMemory gradient = GradientMemory.of(SEVEN_BILLION, DType.BF16, true, length);
    return Placement.inputsOnDevice(
        pass, gradient, 32, 32, CARD - pass.weightBytes(), host, Device.gpu(0));
  }

  @Test
  void of_latentAttention_holdsOneLayerAndTheInputOfEach() {
    DecoderSpec spec = TinyFamilies.DEEPSEEK_V3.open(directory).config();
    GradientMemory cost = GradientMemory.of(spec, DType.F32, false, 101);
    long states = 32;
    long heads = 4;
    long queries = heads * (16 + 6);
    long outputs = heads * 10;
    long logSumExps = heads;
    long keys = heads * (16 + 6);
    long values = heads * 10;
    long tables = 16;
    assertThat(cost.inputBytes()).isEqualTo(100 * 4 * states);
    assertThat(cost.lengthBytes())
        .isEqualTo(
            100 * 4 * (states + queries + 2 * outputs + logSumExps + keys + values + tables));
  }

  /** Threads share the heads of a CPU, and a GPU computes a group at once. */
  @Test
  void of_groupedKeys_holdsGradientsOfEachHeadOnACpuAlone() {
    DecoderSpec spec = new LlamaShape(64, 128, 2, 8, 2, 300, true, 10_000, 256).spec();
    long cpu = GradientMemory.of(spec, DType.F32, false, 101).lengthBytes();
    long gpu = GradientMemory.of(spec, DType.F32, true, 101).lengthBytes();
    assertThat(cpu - gpu).isEqualTo(100 * 4 * (8 - 2) * (8 + 8));
  }

  @Test
  void inputsOnDevice_of131072TokensOfLlama2_areAllOnOneCardOf141Gigabytes() {
    assertThat(kept(131_072, 0)).isEqualTo(32);
  }

  @Test
  void inputsOnDevice_of262144TokensOfLlama2_fitWithTheHostsMemory() {
    int kept = kept(262_144, 256L << 30);
    assertThat(kept).isPositive();
    // What does not fit on the card is within the host's memory, and a longer text is not.
    assertThat(kept(524_288, 256L << 30)).isLessThan(kept);
    assertThatThrownBy(() -> kept(2_097_152, 256L << 30))
        .isInstanceOf(BadInputException.class)
        .hasMessageMatching(
            "The gradient does not fit: a window of 2,097,152 tokens needs .* GiB on gpu\\(0\\),"
                + " which has .* GiB, and .* GiB there or in the host's memory of 256.0 GiB;"
                + " expected a shorter length, or more or larger devices.");
  }

  @Test
  void inputsOnDevice_cardWithRoomForSome_keepsThoseAndNoMore() {
    EvaluationCost pass = pass(8192);
    GradientMemory gradient = GradientMemory.of(SEVEN_BILLION, DType.BF16, true, 8192);
    long work = pass.passBytes() + gradient.workBytes();
    long five = work + 5 * gradient.inputBytes();
    long rest = 27 * gradient.inputBytes();
    assertThat(Placement.inputsOnDevice(pass, gradient, 32, 32, five, rest, Device.gpu(0)))
        .isEqualTo(5);
    assertThatThrownBy(
            () -> Placement.inputsOnDevice(pass, gradient, 32, 32, five - 1, rest, Device.gpu(0)))
        .isInstanceOf(BadInputException.class);
    assertThatThrownBy(
            () -> Placement.inputsOnDevice(pass, gradient, 32, 32, five, five, Device.cpu()))
        .isInstanceOf(BadInputException.class);
    assertThatThrownBy(
            () -> Placement.inputsOnDevice(pass, gradient, 32, 32, work - 1, CARD, Device.gpu(0)))
        .isInstanceOf(BadInputException.class);
  }

  @Test
  void of_nothingToScore_isRejected() {
    assertThatThrownBy(() -> GradientMemory.of(SEVEN_BILLION, DType.F32, false, 1))
        .hasMessage("Cannot score a window of 1 tokens");
  }
}
