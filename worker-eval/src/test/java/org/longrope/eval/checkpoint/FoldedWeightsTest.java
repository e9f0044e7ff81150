package org.longrope.eval.checkpoint;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.assertj.core.api.Assertions.within;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardCopyOption;
import java.util.Arrays;
import java.util.List;
import java.util.Map;
import java.util.Random;
import java.util.stream.IntStream;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;
import org.longrope.eval.BadInputException;
import org.longrope.eval.decoder.AttentionWindow;
import org.longrope.eval.decoder.ResidentModel;
import org.longrope.eval.family.QueryFolding;
import org.longrope.eval.family.TinyFamilies;
import org.longrope.eval.rope.QueryScales;
import org.longrope.eval.rope.RescaleFactors;
import org.longrope.eval.rope.Rescaling;
import org.longrope.eval.training.FloatTensor;
import org.longrope.eval.training.FoldedTensors;
import org.longrope.eval.training.StateFiles;

class FoldedWeightsTest {
  private static final int LENGTH = 30;

  @TempDir Path directory;
  @TempDir Path target;

  @ParameterizedTest
  @EnumSource
  void write_ofEveryFamily_makesAModelThatComputesTheSameWithoutScales(TinyFamilies family)
      throws IOException {
    Checkpoint original = wide(family);
    QueryFolding folding = QueryFolding.of(original.config());
    if (folding.refusal() != null) {
      assertThatThrownBy(
              () ->
                  new FoldedWeights(
                      original, QueryScales.ones(1, 1, original.config().rope().pairs())))
          .isInstanceOf(BadInputException.class)
          .hasMessageContaining("clipped (clip_qkv)");
      return;
    }
    QueryScales scales = random(folding.finest());

    FoldedWeights weights = new FoldedWeights(original, scales);
    Checkpoint folded = written(weights);

    Rescaling plain = new Rescaling(RescaleFactors.uniform(scales.pairs(), 1.5), 3, 1.1);
    List<float[]> expected = nll(original, plain.withQueryScales(scales), plain);
    assertThat(nll(folded, plain).get(0)).containsExactly(expected.get(0), within(5e-5f));
    assertThat(expected.get(1)).isNotEqualTo(expected.get(0));
    assertThat(weights.rounding()).isBetween(1e-9, 1e-7);
  }

  @Test
  void write_ofHalfPrecision_roundsTheChangedRowsAndKeepsAllOtherBytes() throws IOException {
    Checkpoint original = TinyFamilies.QWEN2.open(directory);
    QueryScales scales = QueryScales.ofLogs(1, 4, 4, new int[16]).withLogs(log(16, 5));

    FoldedWeights weights = new FoldedWeights(original, scales);
    written(weights);

    byte[] before = Files.readAllBytes(directory.resolve("model.safetensors"));
    byte[] after = Files.readAllBytes(target.resolve("model.safetensors"));
    assertThat(after).hasSameSizeAs(before);
    // Two layers, each with both rows of one pair of one head: 32 columns and a bias of 2 bytes.
    long changed = IntStream.range(0, before.length).filter(i -> before[i] != after[i]).count();
    assertThat(changed).isBetween(100L, 2L * 2 * (32 + 1) * 2);
    assertThat(weights.tensors()).isEqualTo(4);
    assertThat(weights.types()).containsExactly(DType.BF16);
    assertThat(weights.rounding()).isBetween(1e-3, 0x1p-8);
  }

  @Test
  void write_ofShards_changesThoseWithQueriesAlone() throws IOException {
    Checkpoint original = TinyFamilies.LLAMA_BIASES.open(directory);
    QueryScales scales = random(QueryFolding.of(original.config()).finest());
    FoldedWeights weights = new FoldedWeights(original, scales);
    try (Stream<Path> files = Files.list(directory)) {
      for (Path file : files.toList()) {
        Path copy = target.resolve(file.getFileName());
        boolean queries =
            file.toString().endsWith(".safetensors")
                && SafetensorsFile.open(file).names().stream().anyMatch(n -> n.contains("q_proj"));
        assertThat(weights.changes(file)).as(file.toString()).isEqualTo(queries);
        if (queries) {
          weights.write(file, copy);
        } else {
          Files.copy(file, copy);
        }
      }
    }

    Rescaling plain = new Rescaling(RescaleFactors.uniform(scales.pairs(), 1.5), 3, 1.1);
    // Weights and biases of three layers.
    assertThat(weights.tensors()).isEqualTo(6);
    assertThat(nll(Checkpoint.open(target), plain).get(0))
        .containsExactly(nll(original, plain.withQueryScales(scales)).get(0), within(5e-5f));
  }

  @Test
  void isContent_ofTheWrittenFile_isTrueAndOfAnotherFalse() throws IOException {
    Checkpoint original = TinyFamilies.LLAMA.open(directory);
    FoldedWeights weights = new FoldedWeights(original, random(QueryScales.ones(2, 4, 4)));
    Path file = directory.resolve("model.safetensors");
    written(weights);

    assertThat(weights.changes(file)).isTrue();
    assertThat(weights.isContent(file, target.resolve("model.safetensors"))).isTrue();
    assertThat(weights.isContent(file, file)).isFalse();
  }

  @Test
  void write_ofAWeightBeyondItsType_isRefusedAndLeavesNoFile() throws IOException {
    Checkpoint wide = wide(TinyFamilies.LLAMA);
    Map<String, FloatTensor> tensors = StateFiles.weightsOf(wide);
    String name = "model.layers.0.self_attn.q_proj.weight";
    float[] values = tensors.get(name).values().clone();
    values[0] = 60000;
    tensors.put(name, new FloatTensor(tensors.get(name).shape(), values));
    StateFiles.saveModel(directory.resolve("model.safetensors"), tensors, DType.F16);
    FoldedWeights weights =
        new FoldedWeights(
            Checkpoint.open(directory), QueryScales.of(1, 1, 4, new double[] {2, 1, 1, 1}));

    assertThatThrownBy(() -> written(weights))
        .isInstanceOf(BadInputException.class)
        .hasMessageContaining("120000 is beyond what F16 can hold");
    try (Stream<Path> files = Files.list(target)) {
      assertThat(files).noneMatch(file -> file.toString().contains("safetensors"));
    }
  }

  @Test
  void foldedTensors_areThoseOfTheWrittenFile() throws IOException {
    for (TinyFamilies family :
        List.of(TinyFamilies.PHI3, TinyFamilies.COHERE_QK_NORM, TinyFamilies.GEMMA3)) {
      Checkpoint original = wide(family);
      QueryScales scales = random(QueryFolding.of(original.config()).finest());
      Map<String, FloatTensor> written =
          StateFiles.weightsOf(written(new FoldedWeights(original, scales)));

      FoldedTensors.of(original.config(), scales, StateFiles.weightsOf(original))
          .forEach(
              (name, tensor) ->
                  assertThat(tensor.values()).as(name).isEqualTo(written.get(name).values()));
    }
  }

  /** Opens a family with all weights in float32. */
  private Checkpoint wide(TinyFamilies family) throws IOException {
    Checkpoint narrow = family.open(directory);
    Map<String, FloatTensor> weights = StateFiles.weightsOf(narrow);
    try (Stream<Path> files = Files.list(directory)) {
      for (Path file : files.filter(name -> name.toString().contains("safetensors")).toList()) {
        Files.delete(file);
      }
    }
    StateFiles.saveModel(directory.resolve("model.safetensors"), weights, DType.F32);
    return Checkpoint.open(directory);
  }

  private Checkpoint written(FoldedWeights weights) throws IOException {
    Files.copy(
        directory.resolve("config.json"),
        target.resolve("config.json"),
        StandardCopyOption.REPLACE_EXISTING);
    weights.write(directory.resolve("model.safetensors"), target.resolve("model.safetensors"));
    return Checkpoint.open(target);
  }

  private static QueryScales random(QueryScales shape) {
    return shape.withLogs(log(shape.size(), -1));
  }

  /** Returns random ψ; or 0 except for one of a pair. */
  private static double[] log(int size, int one) {
    Random random = new Random(3);
    double[] logs = random.doubles(size).map(value -> value - 0.5).toArray();
    if (one >= 0) {
      Arrays.setAll(logs, i -> i == one ? 0.3 : 0);
    }
    return logs;
  }

  private static List<float[]> nll(Checkpoint checkpoint, Rescaling... rescalings) {
    try (ResidentModel model = ResidentModel.load(checkpoint, AttentionWindow.CONFIG, LENGTH)) {
      return Stream.of(rescalings)
          .map(rescaling -> model.nll(TinyFamilies.tokens(LENGTH), 1, rescaling))
          .toList();
    }
  }
}
