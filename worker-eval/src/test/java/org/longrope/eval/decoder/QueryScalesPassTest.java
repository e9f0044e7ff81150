package org.longrope.eval.decoder;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.assertj.core.api.Assertions.within;

import ai.djl.Device;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.Collections;
import java.util.List;
import java.util.Random;
import java.util.stream.Stream;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.EnumSource;
import org.junit.jupiter.params.provider.MethodSource;
import org.longrope.eval.checkpoint.Checkpoint;
import org.longrope.eval.family.DecoderSpec;
import org.longrope.eval.family.FamilyReference;
import org.longrope.eval.family.LayerSpec.RopeUse;
import org.longrope.eval.family.ReferenceNll;
import org.longrope.eval.family.TinyFamilies;
import org.longrope.eval.rope.QueryScales;
import org.longrope.eval.rope.RescaleFactors;
import org.longrope.eval.rope.Rescaling;

/**
 * Tests of NLLs and gradients under query scales, against the float64 reference, its central finite
 * differences, and each other.
 */
@Tag("numeric")
class QueryScalesPassTest {
  /** Difference from the reference, in parts of the gradient's norm. */
  private static final double TOLERANCE = 1e-3;

  /** Step of a finite difference, so small that it changes no choice of experts. */
  private static final double STEP = 1e-6;

  @TempDir Path directory;

  @BeforeEach
  void useTestThreads() {
    TestThreads.use();
  }

  private static Rescaling unscaled(DecoderSpec config) {
    double[] lambda = new double[config.rope().pairs()];
    Arrays.setAll(lambda, i -> 1.1 + 0.9 * i);
    return new Rescaling(RescaleFactors.of(lambda), 4, 1.13);
  }

  /** Returns random scales of 0.6 to 1.6. */
  private static Rescaling scaled(DecoderSpec config, int layers, int heads) {
    QueryScales ones = QueryScales.ones(layers, heads, config.rope().pairs());
    double[] psi = new Random(3).doubles(ones.size(), -0.5, 0.5).toArray();
    return unscaled(config).withQueryScales(ones.withLogs(psi));
  }

  /** Returns random scales of each layer and head. */
  private static Rescaling scaled(DecoderSpec config) {
    return scaled(config, config.layerCount(), config.attention().heads());
  }

  private static double sum(float[] values) {
    double sum = 0;
    for (float value : values) {
      sum += value;
    }
    return sum;
  }

  private static double norm(double[] values) {
    return Math.sqrt(Arrays.stream(values).map(value -> value * value).sum());
  }

  private static SequenceGradient gradient(
      ResidentModel model, int[] tokens, int from, Rescaling rescaling) {
    return model.gradient(tokens, from, rescaling, StopSignal.NEVER);
  }

  /** Returns the derivatives by log λ, log a and ψ. */
  private static double[] all(SequenceGradient gradient) {
    return Stream.of(
            gradient.byLogFactors(),
            new double[] {gradient.byLogAttention()},
            gradient.byQueryScales())
        .flatMapToDouble(Arrays::stream)
        .toArray();
  }

  /** Returns Σ NLL of the reference with log λ, log a and ψ moved along a direction. */
  private static double moved(
      FamilyReference reference,
      int[] tokens,
      int from,
      Rescaling rescaling,
      String window,
      double[] direction,
      double step) {
    double[] lambda = rescaling.factors().toArray();
    int pairs = lambda.length;
    Arrays.setAll(lambda, i -> lambda[i] * Math.exp(step * direction[i]));
    double attention = rescaling.attentionFactor() * Math.exp(step * direction[pairs]);
    QueryScales scales = rescaling.queryScales();
    double[] values = scales.logs();
    Arrays.setAll(values, i -> Math.exp(values[i] + step * direction[pairs + 1 + i]));
    double[] nll =
        ReferenceNll.of(
            reference,
            tokens,
            new Rescaling(RescaleFactors.of(lambda), rescaling.startTokens(), attention),
            AttentionWindow.parse(window),
            ReferenceNll.exact(reference, scales, values));
    return Arrays.stream(nll, from - 1, nll.length).sum();
  }

  /** Returns directions by log λ, log a and ψ: by ψ along the gradient, random by ψ, and by all. */
  private static List<double[]> directions(SequenceGradient gradient) {
    double[] slopes = all(gradient);
    int scales = gradient.byLogFactors().length + 1;
    Random random = new Random(5);
    List<double[]> directions = new ArrayList<>();
    for (int i = 0; i < 3; i++) {
      double[] direction = new double[slopes.length];
      for (int j = i < 2 ? scales : 0; j < slopes.length; j++) {
        direction[j] = i == 0 ? slopes[j] / norm(gradient.byQueryScales()) : random.nextGaussian();
      }
      directions.add(direction);
    }
    return directions;
  }

  /** Compares NLLs and derivatives. */
  private void assertIsReference(
      ResidentModel model, int[] tokens, int from, String window, Rescaling rescaling) {
    FamilyReference reference = FamilyReference.read(directory);
    double[] expected =
        ReferenceNll.of(reference, tokens, rescaling, AttentionWindow.parse(window));
    float[] nll = model.nll(tokens, from, rescaling);
    for (int t = 0; t < nll.length; t++) {
      assertThat((double) nll[t]).isCloseTo(expected[from - 1 + t], within(1e-4));
    }
    SequenceGradient gradient = gradient(model, tokens, from, rescaling);
    assertThat(gradient.nll()).containsExactly(nll, within(1e-4f));
    assertThat(gradient.byQueryScales()).hasSize(rescaling.queryScales().size());
    double[] slopes = all(gradient);
    for (double[] direction : directions(gradient)) {
      double above = moved(reference, tokens, from, rescaling, window, direction, STEP);
      double below = moved(reference, tokens, from, rescaling, window, direction, -STEP);
      double actual = 0;
      double own = 0;
      for (int j = 0; j < slopes.length; j++) {
        actual += slopes[j] * direction[j];
        own += direction[j] == 0 ? 0 : slopes[j] * slopes[j];
      }
      assertThat(actual)
          .as("gradient of norm %s", Math.sqrt(own))
          .isCloseTo(
              (above - below) / (2 * STEP),
              within(TOLERANCE * Math.sqrt(own) * norm(direction) + 1e-6));
    }
  }

  /** Compares each kind of projection, head norm, rotation and attention. */
  @ParameterizedTest
  @EnumSource(
      names = {
        "LLAMA",
        "LLAMA_BIASES",
        "MISTRAL",
        "MINISTRAL3",
        "QWEN2",
        "QWEN3",
        "PHI",
        "PHI_QK_LAYERNORM",
        "PHI3",
        "GEMMA2",
        "GEMMA3",
        "OLMO",
        "OLMO2",
        "OLMOE_CLIPPED",
        "SMOLLM3",
        "GLM",
        "COHERE_QK_NORM",
        "COHERE2",
        "GPT_OSS",
        "DEEPSEEK_V3",
        "DEEPSEEK_V3_HALVES",
        "MINICPM3",
        "HUNYUAN_V1_DENSE",
        "STABLELM_PARALLEL",
        "HELIUM",
        "NEMOTRON_BIASES"
      })
  void gradient_ofEachKindOfQueries_equalsFiniteDifferencesOfTheReference(TinyFamilies family) {
    Checkpoint checkpoint = family.open(directory);
    try (ResidentModel model = ResidentModel.load(checkpoint, AttentionWindow.CONFIG, 30)) {
      assertIsReference(model, TinyFamilies.tokens(30), 1, "config", scaled(checkpoint.config()));
    }
  }

  /** Compares scales that stand for all layers or heads. */
  @ParameterizedTest
  @CsvSource({
    "LLAMA,false,false", "LLAMA,false,true", "LLAMA,true,false", "GEMMA3,false,false",
    "SMOLLM3,false,true", "DEEPSEEK_V3,false,false", "QWEN3,true,false", "PHI,false,true"
  })
  void gradient_ofSharedScales_equalsTheReference(
      TinyFamilies family, boolean layers, boolean heads) {
    Checkpoint checkpoint = family.open(directory);
    DecoderSpec config = checkpoint.config();
    Rescaling rescaling =
        scaled(config, layers ? config.layerCount() : 1, heads ? config.attention().heads() : 1);
    try (ResidentModel model = ResidentModel.load(checkpoint, AttentionWindow.CONFIG, 40)) {
      assertIsReference(model, TinyFamilies.tokens(40), 1, "config", rescaling);
    }
  }

  @ParameterizedTest
  @CsvSource({"LLAMA,none,1", "LLAMA,7,30", "MISTRAL,2,1", "GEMMA2,5,20", "GPT_OSS,none,49"})
  void gradient_otherWindowOrLaterToken_equalsTheReference(
      TinyFamilies family, String window, int from) {
    Checkpoint checkpoint = family.open(directory);
    try (ResidentModel model = ResidentModel.load(checkpoint, AttentionWindow.parse(window), 50)) {
      assertIsReference(model, TinyFamilies.tokens(50), from, window, scaled(checkpoint.config()));
    }
  }

  /** Compares over the borders of blocks of positions. */
  @ParameterizedTest
  @EnumSource(names = {"LLAMA", "GEMMA2"})
  void gradient_ofSeveralBlocks_equalsTheReference(TinyFamilies family) {
    Checkpoint checkpoint = family.open(directory);
    int length = Chunks.POSITIONS + 130;
    try (ResidentModel model = ResidentModel.load(checkpoint, AttentionWindow.CONFIG, length)) {
      assertIsReference(
          model, TinyFamilies.tokens(length), 1, "config", scaled(checkpoint.config()));
    }
  }

  @ParameterizedTest
  @CsvSource({
    "LLAMA,100,64,true",
    "LLAMA,1,1,true",
    "MISTRAL,50,16,false",
    "GEMMA2,33,8,true",
    "MINICPM3,50,7,false",
    "EXAONE4_HYBRID,31,11,true"
  })
  void gradient_smallChunks_equalsThatOfLargeOnes(
      TinyFamilies family, int chunk, int block, boolean shared) {
    Checkpoint checkpoint = family.open(directory);
    Rescaling rescaling = scaled(checkpoint.config());
    int[] tokens = TinyFamilies.tokens(150);
    List<Device> devices = Collections.nCopies(checkpoint.config().layerCount(), Device.cpu());
    Chunks chunks = new Chunks(chunk, block, block + 3, 64, shared);
    try (ResidentModel usual = ResidentModel.load(checkpoint, AttentionWindow.CONFIG, 150);
        ResidentModel small =
            ResidentModel.load(checkpoint, AttentionWindow.CONFIG, devices, chunks)) {
      SequenceGradient expected = gradient(usual, tokens, 1, rescaling);
      SequenceGradient actual = gradient(small, tokens, 1, rescaling);
      assertThat(actual.nll()).containsExactly(expected.nll(), within(1e-4f));
      double[] slopes = expected.byQueryScales();
      assertThat(actual.byQueryScales()).containsExactly(slopes, within(2e-4 * norm(slopes)));
    }
  }

  @ParameterizedTest
  @EnumSource(names = {"QWEN2", "GEMMA3", "DEEPSEEK_V3", "EXAONE4_HYBRID"})
  void gradient_layersOnSeveralStages_givesTheSameBits(TinyFamilies family) {
    Checkpoint checkpoint = family.open(directory);
    DecoderSpec config = checkpoint.config();
    List<Device> devices = new ArrayList<>();
    for (int layer = 0; layer < config.layerCount(); layer++) {
      devices.add(layer == 0 ? Device.cpu() : Device.of("cpu", 0));
    }
    int[] tokens = TinyFamilies.tokens(60);
    try (ResidentModel one = ResidentModel.load(checkpoint, AttentionWindow.CONFIG, 2048);
        ResidentModel two =
            ResidentModel.load(checkpoint, AttentionWindow.CONFIG, devices, Chunks.CPU)) {
      for (int layers : new int[] {1, config.layerCount()}) {
        Rescaling rescaling = scaled(config, layers, config.attention().heads());
        SequenceGradient expected = gradient(one, tokens, 1, rescaling);
        SequenceGradient actual = gradient(two, tokens, 1, rescaling);
        assertThat(actual.nll()).isEqualTo(expected.nll());
        assertThat(actual.byQueryScales()).isEqualTo(expected.byQueryScales());
      }
    }
  }

  @ParameterizedTest
  @EnumSource(names = {"LLAMA", "GEMMA2", "DEEPSEEK_V3"})
  void gradient_anotherNumberOfThreads_givesTheSameBits(TinyFamilies family) {
    Checkpoint checkpoint = family.open(directory);
    DecoderSpec config = checkpoint.config();
    int[] tokens = TinyFamilies.tokens(Chunks.POSITIONS + 130);
    try (ResidentModel model = ResidentModel.load(checkpoint, AttentionWindow.CONFIG, 2048)) {
      for (int heads : new int[] {1, config.attention().heads()}) {
        Rescaling rescaling = scaled(config, config.layerCount(), heads);
        SequenceGradient alone = gradient(model, tokens, 1, rescaling);
        for (int threads : new int[] {1, 2, 3}) {
          Libtorch.useThreads(threads);
          SequenceGradient shared = gradient(model, tokens, 1, rescaling);
          assertThat(shared.nll()).isEqualTo(alone.nll());
          assertThat(all(shared)).isEqualTo(all(alone));
        }
      }
    } finally {
      Libtorch.useThreads(1);
    }
  }

  @ParameterizedTest
  @MethodSource("org.longrope.eval.decoder.ResidentModelTest#kinds")
  void scalesOfOne_ofEachKind_leaveNllsAndTheGradientByFactors(TinyFamilies family) {
    Checkpoint checkpoint = family.open(directory);
    DecoderSpec config = checkpoint.config();
    int[] tokens = TinyFamilies.tokens(60);
    Rescaling none = unscaled(config);
    Rescaling ones = none.withQueryScales(QueryScales.ones(1, 1, config.rope().pairs()));
    try (ResidentModel model = ResidentModel.load(checkpoint, AttentionWindow.CONFIG, 60)) {
      double expected = sum(model.nll(tokens, 1, none));
      assertThat(sum(model.nll(tokens, 1, ones))).isCloseTo(expected, within(1e-6 * expected));
      SequenceGradient without = gradient(model, tokens, 1, none);
      SequenceGradient with = gradient(model, tokens, 1, ones);
      assertThat(without.byQueryScales()).isEmpty();
      double[] slopes = without.byLogFactors();
      assertThat(with.byLogFactors()).containsExactly(slopes, within(1e-5 * norm(slopes)));
    }
  }

  /** Layers that rotate by another table, or not at all, have no scales. */
  @ParameterizedTest
  @EnumSource(names = {"GEMMA3", "SMOLLM3", "COHERE2"})
  void gradient_layersOfAnotherTable_isZeroAndLeavesTheNll(TinyFamilies family) {
    Checkpoint checkpoint = family.open(directory);
    DecoderSpec config = checkpoint.config();
    QueryScales ones =
        QueryScales.ones(config.layerCount(), config.attention().heads(), config.rope().pairs());
    int width = ones.size() / ones.layers();
    double[] psi = new double[ones.size()];
    Arrays.setAll(psi, i -> isMain(config, i / width) ? 0 : 0.5);
    assertThat(psi).contains(0, 0.5);
    int[] tokens = TinyFamilies.tokens(60);
    try (ResidentModel model = ResidentModel.load(checkpoint, AttentionWindow.CONFIG, 60)) {
      Rescaling unscaled = unscaled(config).withQueryScales(ones);
      Rescaling others = unscaled.withQueryScales(ones.withLogs(psi));
      assertThat(model.nll(tokens, 1, others)).isEqualTo(model.nll(tokens, 1, unscaled));
      double[] slopes = gradient(model, tokens, 1, others).byQueryScales();
      for (int layer = 0; layer < config.layerCount(); layer++) {
        double[] own = Arrays.copyOfRange(slopes, layer * width, (layer + 1) * width);
        assertThat(norm(own) > 0).as("layer %d", layer).isEqualTo(isMain(config, layer));
      }
    }
  }

  private static boolean isMain(DecoderSpec config, int layer) {
    return config.layers().get(layer).rope() == RopeUse.MAIN;
  }

  @ParameterizedTest
  @MethodSource("org.longrope.eval.decoder.ResidentModelTest#kinds")
  void session_inPieces_isThePassOverTheWhole(TinyFamilies family) {
    Checkpoint checkpoint = family.open(directory);
    Rescaling rescaling = scaled(checkpoint.config());
    int[] tokens = TinyFamilies.tokens(50);
    try (ResidentModel model = ResidentModel.load(checkpoint, AttentionWindow.CONFIG, 50);
        DecodingSession session = model.session(50, rescaling)) {
      for (int[] piece : new int[][] {{0, 1}, {1, 40}, {40, 50}}) {
        session.append(Arrays.copyOfRange(tokens, piece[0], piece[1]), StopSignal.NEVER);
      }
      assertThat(session.nll(1)).containsExactly(model.nll(tokens, 1, rescaling), within(1e-4f));
    }
  }

  @Test
  void nll_scalesOfAnotherShape_isRejected() {
    Checkpoint checkpoint = TinyFamilies.LLAMA.open(directory);
    Rescaling rescaling = unscaled(checkpoint.config());
    try (ResidentModel model = ResidentModel.load(checkpoint, AttentionWindow.CONFIG, 9)) {
      for (int[] shape : new int[][] {{3, 4, 4}, {2, 2, 4}, {1, 1, 3}}) {
        Rescaling foreign =
            rescaling.withQueryScales(QueryScales.ones(shape[0], shape[1], shape[2]));
        assertThatThrownBy(() -> model.nll(TinyFamilies.tokens(9), 1, foreign))
            .isInstanceOf(IllegalArgumentException.class)
            .hasMessage(
                "Cannot scale the queries of 2 layers, 4 heads and 4 pairs by scales of %d, %d and"
                    + " %d",
                shape[0], shape[1], shape[2]);
      }
    }
  }
}
