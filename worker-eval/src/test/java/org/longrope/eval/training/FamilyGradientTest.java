package org.longrope.eval.training;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.within;

import ai.djl.Device;
import ai.djl.ndarray.NDArray;
import ai.djl.ndarray.types.DataType;
import ai.djl.ndarray.types.Shape;
import ai.djl.pytorch.engine.PtNDArray;
import ai.djl.pytorch.engine.PtNDManager;
import ai.djl.training.GradientCollector;
import java.nio.LongBuffer;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Random;
import java.util.TreeMap;
import java.util.stream.Collectors;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;
import org.longrope.eval.checkpoint.Checkpoint;
import org.longrope.eval.decoder.AttentionWindow;
import org.longrope.eval.decoder.DecoderProgram;
import org.longrope.eval.decoder.Libtorch;
import org.longrope.eval.decoder.RotationTables;
import org.longrope.eval.decoder.TestThreads;
import org.longrope.eval.decoder.TrainingMethods;
import org.longrope.eval.family.DecoderSpec;
import org.longrope.eval.family.FamilyReference;
import org.longrope.eval.family.ReferenceNll;
import org.longrope.eval.family.TinyFamilies;
import org.longrope.eval.rope.QueryScales;
import org.longrope.eval.rope.Rescaling;

/**
 * Tests that autograd goes through every block of every family: gradients of the mean loss against
 * finite differences of the float64 reference, and those of single layers against the whole
 * graph's.
 */
@Tag("numeric")
class FamilyGradientTest {
  /** Length of a row, longer than most windows. */
  private static final int LENGTH = 16;

  /** Step of a finite difference, so small that it changes no choice of experts. */
  private static final double STEP = 1e-6;

  @TempDir Path directory;

  @BeforeAll
  static void useTestThreads() {
    TestThreads.useForTraining();
  }

  /** Gradients of one batch by the names of the tensors, with the mean loss (nats). */
  private record Gradients(
      double loss,
      double layerwiseLoss,
      Map<String, double[]> whole,
      Map<String, double[]> layerwise) {}

  /** Differentiates by the graph of the whole model, and then layer by layer. */
  private static Gradients gradients(Checkpoint checkpoint, QueryScales scales, int[][] rows) {
    DecoderSpec config = checkpoint.config();
    int length = rows[0].length - 1;
    Rescaling rescaling = config.rope().published(length).withQueryScales(scales);
    try (PtNDManager manager = Libtorch.manager(Device.cpu());
        DecoderProgram program = DecoderProgram.loadForTraining(manager, config)) {
      RotationTables tables;
      try (RotationTables computed =
          RotationTables.of(program, manager, config, rescaling, length, length)) {
        tables = computed.duplicate();
      }
      NDArray ids = tensor(manager, rows, 0);
      NDArray targets = tensor(manager, rows, 1);
      Parameters whole = parameters(manager, checkpoint);
      Parameters layerwise = parameters(manager, checkpoint);
      double loss;
      double layerwiseLoss;
      try (PtNDManager local = (PtNDManager) manager.newSubManager();
          GradientCollector collector = manager.getEngine().newGradientCollector()) {
        List<NDArray> arguments = new ArrayList<>(List.of(ids, targets));
        arguments.addAll(tables.inOrder());
        NDArray mean =
            program.differentiable(
                TrainingMethods.MEAN_LOSS, arguments, whole.inProgramOrder(local));
        collector.backward(mean);
        loss = mean.getFloat();
        layerwiseLoss =
            new LayerwiseGradient(program, config, layerwise).add(local, ids, targets, tables, 1);
      }
      return new Gradients(
          loss, layerwiseLoss, byName(checkpoint, whole), byName(checkpoint, layerwise));
    }
  }

  private static NDArray tensor(PtNDManager manager, int[][] rows, int from) {
    int length = rows[0].length - 1;
    LongBuffer ids = LongBuffer.allocate(rows.length * length);
    for (int[] row : rows) {
      Arrays.stream(row, from, from + length).forEach(ids::put);
    }
    return manager.create(ids.flip(), new Shape(rows.length, length), DataType.INT64);
  }

  private static Parameters parameters(PtNDManager manager, Checkpoint checkpoint) {
    return new Parameters(
        manager, TrainedModel.whole(checkpoint.config()), Trainings.begin(checkpoint));
  }

  private static Map<String, double[]> byName(Checkpoint checkpoint, Parameters parameters) {
    Map<String, double[]> byName = new LinkedHashMap<>();
    PtNDArray[] gradients = parameters.gradients();
    int i = 0;
    for (String name : parameters.state(0).weights().keySet()) {
      float[] values = HeapTensors.values(gradients[i++]);
      double[] slope = new double[values.length];
      Arrays.setAll(slope, j -> values[j]);
      byName.put(name, slope);
    }
    assertThat(byName.keySet()).isEqualTo(StateFiles.weightsOf(checkpoint).keySet());
    return byName;
  }

  private static double loss(
      Checkpoint checkpoint, QueryScales scales, Map<String, double[]> weights, int[][] rows) {
    FamilyReference reference = FamilyReference.of(Trainings.configJson(checkpoint), weights);
    return Arrays.stream(rows)
        .flatMapToDouble(
            row ->
                Arrays.stream(
                    ReferenceNll.of(
                        reference,
                        row,
                        null,
                        AttentionWindow.CONFIG,
                        ReferenceNll.exact(reference, scales, scales.toArray()))))
        .average()
        .getAsDouble();
  }

  /** Compares all families but those that differ from another in their tables or types alone. */
  @ParameterizedTest
  @EnumSource(
      mode = EnumSource.Mode.MATCH_NONE,
      names = {
        "LLAMA_(V5|LINEAR|DYNAMIC|LLAMA3|YARN.*|LONGROPE)",
        "MISTRAL_.*",
        "MINISTRAL3_ABSENT",
        "QWEN2_(MAX_WINDOW_LAYERS|LAYER_TYPES)",
        "QWEN3_ABSENT",
        "PHI3_.*",
        "GEMMA2_ABSENT",
        "OLMO3_YARN",
        "SMOLLM3_.*",
        "GPT_OSS_ABSENT"
      })
  void gradient_ofEveryWeight_equalsFiniteDifferencesOfTheReference(TinyFamilies family) {
    assertIsReference(family.open(directory), QueryScales.NONE);
  }

  /** Compares each kind of head norm, latent attention, and layers of other tables. */
  @ParameterizedTest
  @EnumSource(
      names = {
        "LLAMA",
        "PHI_QK_LAYERNORM",
        "OLMO2",
        "STABLELM_PARALLEL",
        "HUNYUAN_V1_DENSE",
        "DEEPSEEK_V3",
        "GEMMA3",
        "SMOLLM3"
      })
  void gradient_underQueryScales_equalsFiniteDifferencesOfTheReference(TinyFamilies family) {
    Checkpoint checkpoint = family.open(directory);
    DecoderSpec config = checkpoint.config();
    QueryScales ones =
        QueryScales.ones(config.layerCount(), config.attention().heads(), config.rope().pairs());
    double[] psi = new Random(3).doubles(ones.size(), -0.5, 0.5).toArray();
    assertIsReference(checkpoint, ones.withLogs(psi));
  }

  private static void assertIsReference(Checkpoint checkpoint, QueryScales scales) {
    int[] tokens = TinyFamilies.tokens(50);
    int[][] rows = {
      Arrays.copyOf(tokens, LENGTH + 1), Arrays.copyOfRange(tokens, 29, 29 + LENGTH + 1)
    };
    Gradients gradients = gradients(checkpoint, scales, rows);
    Map<String, double[]> weights = Trainings.doubles(StateFiles.weightsOf(checkpoint));
    double loss = loss(checkpoint, scales, weights, rows);
    assertThat(gradients.loss()).isCloseTo(loss, within(1e-5 * loss));
    assertThat(gradients.layerwiseLoss()).isCloseTo(loss, within(1e-5 * loss));
    double norm = Trainings.norm(gradients.whole());
    Random random = new Random(11);
    groups(weights)
        .forEach(
            (group, names) -> {
              Map<String, double[]> directions = new LinkedHashMap<>();
              Map<String, double[]> slopes = new LinkedHashMap<>();
              double actual = 0;
              for (String name : names) {
                double[] slope = gradients.whole().get(name);
                double[] direction = random.doubles(slope.length, -1, 1).toArray();
                directions.put(name, direction);
                slopes.put(name, slope);
                for (int i = 0; i < slope.length; i++) {
                  actual += slope[i] * direction[i];
                }
                assertThat(gradients.layerwise().get(name))
                    .as(name)
                    .containsExactly(slope, within(1e-5 * norm));
              }
              double own = Trainings.norm(slopes);
              assertThat(actual)
                  .as("%s, whose gradient has norm %s of %s", group, own, norm)
                  .isCloseTo(
                      finiteDifference(checkpoint, scales, weights, rows, directions),
                      within(1e-3 * own + 1e-6 * norm));
            });
  }

  /** Groups the tensors of all layers and experts that differ in numbers alone. */
  private static Map<String, List<String>> groups(Map<String, double[]> weights) {
    return weights.keySet().stream()
        .collect(
            Collectors.groupingBy(
                name -> name.replaceAll("[0-9]+", "N"), TreeMap::new, Collectors.toList()));
  }

  private static double finiteDifference(
      Checkpoint checkpoint,
      QueryScales scales,
      Map<String, double[]> weights,
      int[][] rows,
      Map<String, double[]> directions) {
    double above = loss(checkpoint, scales, moved(weights, directions, STEP), rows);
    double below = loss(checkpoint, scales, moved(weights, directions, -STEP), rows);
    return (above - below) / (2 * STEP);
  }

  private static Map<String, double[]> moved(
      Map<String, double[]> weights, Map<String, double[]> directions, double step) {
    Map<String, double[]> moved = new LinkedHashMap<>(weights);
    directions.forEach(
        (name, direction) -> {
          double[] values = weights.get(name).clone();
          Arrays.setAll(values, i -> values[i] + step * direction[i]);
          moved.put(name, values);
        });
    return moved;
  }

  /** Experts that no token chooses have no part in the graph. */
  @Test
  void gradient_ofExpertsThatNoTokenChooses_isZero() {
    Checkpoint checkpoint = TinyFamilies.MIXTRAL.open(directory);
    int[][] rows = {TinyFamilies.tokens(2)};
    Map<String, double[]> gradient = gradients(checkpoint, QueryScales.NONE, rows).whole();
    Map<String, double[]> experts = new LinkedHashMap<>(gradient);
    experts.keySet().removeIf(name -> !name.contains(".experts."));
    long zero =
        experts.values().stream()
            .filter(slope -> Arrays.stream(slope).allMatch(value -> value == 0))
            .count();
    // The token takes 2 of 4 experts in each of 2 layers, which have 3 matrices each.
    assertThat(experts).hasSize(24);
    assertThat(zero).isEqualTo(12);
  }
}
