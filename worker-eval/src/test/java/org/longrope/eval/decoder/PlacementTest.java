package org.longrope.eval.decoder;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import ai.djl.Device;
import java.nio.file.Path;
import java.util.List;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.longrope.eval.BadInputException;
import org.longrope.eval.checkpoint.Architecture;
import org.longrope.eval.checkpoint.DType;
import org.longrope.eval.decoder.Placement.FreeMemory;
import org.longrope.eval.family.DecoderSpec;
import org.longrope.eval.family.TinyFamilies;

class PlacementTest {
  @TempDir Path directory;

  private static EvaluationCost cost(DecoderSpec config) {
    return EvaluationCost.of(config, AttentionWindow.CONFIG, DType.BF16, true, 1000);
  }

  /** Returns GPUs 0, 1, … with exactly these bytes free. */
  private static List<FreeMemory> gpus(long... bytes) {
    return java.util.stream.IntStream.range(0, bytes.length)
        .mapToObj(gpu -> new FreeMemory(Device.gpu(gpu), bytes[gpu]))
        .toList();
  }

  @Test
  void of_largeDevice_takesAllLayers() {
    for (TinyFamilies family : TinyFamilies.values()) {
      DecoderSpec config = family.open(directory.resolve(family.name())).config();
      EvaluationCost cost = cost(config);
      long all = cost.weightBytes() + cost.passBytes();
      assertThat(Placement.of(config, cost, gpus(2 * all, all)))
          .hasSize(config.layerCount())
          .containsOnly(Device.gpu(0));
    }
  }

  /** The first layer is dense, and the others have experts. */
  @Test
  void of_layersOfDifferentSize_countsEach() {
    DecoderSpec config = TinyFamilies.DEEPSEEK_V3.open(directory).config();
    EvaluationCost cost = cost(config);
    long dense = cost.layerBytes().get(0);
    long mixed = cost.layerBytes().get(1);
    assertThat(mixed).isGreaterThan(2 * dense);
    long first = cost.passBytes() + cost.embeddingBytes() + dense + mixed;
    long rest = cost.passBytes() + cost.embeddingBytes() + mixed;
    assertThat(Placement.of(config, cost, gpus(first, rest)))
        .containsExactly(Device.gpu(0), Device.gpu(0), Device.gpu(1));
    assertThatThrownBy(() -> Placement.of(config, cost, gpus(first - 1, rest)))
        .isInstanceOf(BadInputException.class);
    assertThat(Placement.of(config, cost, gpus(first - 1, rest + mixed)))
        .containsExactly(Device.gpu(0), Device.gpu(1), Device.gpu(1));
  }

  @Test
  void of_exactFit_isTakenAndOneByteLessIsNot() {
    DecoderSpec config = Architecture.LLAMA.open(directory, 2).config();
    EvaluationCost cost = cost(config);
    long first = cost.passBytes() + cost.embeddingBytes() + cost.layerBytes().get(0);
    long rest =
        cost.passBytes()
            + cost.embeddingBytes()
            + (config.layerCount() - 1) * cost.layerBytes().get(1);
    List<Device> placed = Placement.of(config, cost, gpus(first, rest));
    assertThat(placed.get(0)).isEqualTo(Device.gpu(0));
    assertThat(placed.subList(1, placed.size())).containsOnly(Device.gpu(1));
    assertThatThrownBy(() -> Placement.of(config, cost, gpus(first, rest - 1)))
        .isInstanceOf(BadInputException.class)
        .hasMessageMatching(
            "The model does not fit: its weights are .* GiB and a window of 1,000 tokens needs .*"
                + " GiB more on each device, but 2 devices have together .* GiB; .*");
    assertThat(Placement.of(config, cost, gpus(first - 1, first, rest)))
        .isEqualTo(placed.stream().map(device -> Device.gpu(device.getDeviceId() + 1)).toList());
    assertThatThrownBy(() -> Placement.of(config, cost, gpus(first - 1, first - 1, rest)))
        .isInstanceOf(BadInputException.class);
  }
}
