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
import java.util.concurrent.atomic.AtomicInteger;
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
import org.longrope.eval.family.ReferenceNll;
import org.longrope.eval.family.TinyFamilies;
import org.longrope.eval.rope.RescaleFactors;
import org.longrope.eval.rope.Rescaling;

/**
 * Tests of gradients by rescale factors and attention factor, against central finite differences of
 * the float64 reference and against each other.
 */
@Tag("numeric")
class GradientPassTest {
  /** Difference from the reference, in parts of the gradient's norm. */
  private static final double TOLERANCE = 1e-3;

  /** Step of a finite difference, so small that it changes no choice of experts. */
  private static final double STEP = 1e-6;

  @TempDir Path directory;

  @BeforeEach
  void useTestThreads() {
    TestThreads.use();
  }

  private static Rescaling rescaled(DecoderSpec config) {
    double[] lambda = new double[config.rope().pairs()];
    Arrays.setAll(lambda, i -> 1.1 + 0.9 * i);
    return new Rescaling(RescaleFactors.of(lambda), 4, 1.13);
  }

  /** Moves log λ and log a along a direction, whose last element is that of log a. */
  private static Rescaling moved(Rescaling rescaling, double[] direction, double step) {
    double[] lambda = rescaling.factors().toArray();
    Arrays.setAll(lambda, i -> lambda[i] * Math.exp(step * direction[i]));
    return new Rescaling(
        RescaleFactors.of(lambda),
        rescaling.startTokens(),
        rescaling.attentionFactor() * Math.exp(step * direction[lambda.length]));
  }

  /** Returns Σ NLL of the reference, of tokens from a position on. */
  private static double sum(
      FamilyReference reference, int[] tokens, int from, Rescaling rescaling, String window) {
    double[] nll = ReferenceNll.of(reference, tokens, rescaling, AttentionWindow.parse(window));
    return Arrays.stream(nll, from - 1, nll.length).sum();
  }

  private static double difference(
      FamilyReference reference,
      int[] tokens,
      int from,
      Rescaling rescaling,
      String window,
      double[] direction) {
    double above = sum(reference, tokens, from, moved(rescaling, direction, STEP), window);
    double below = sum(reference, tokens, from, moved(rescaling, direction, -STEP), window);
    return (above - below) / (2 * STEP);
  }

  /** Returns the derivatives by log λ, and behind them that by log a. */
  private static double[] all(SequenceGradient gradient) {
    int pairs = gradient.byLogFactors().length;
    double[] all = Arrays.copyOf(gradient.byLogFactors(), pairs + 1);
    all[pairs] = gradient.byLogAttention();
    return all;
  }

  private static double norm(double[] values) {
    return Math.sqrt(Arrays.stream(values).map(value -> value * value).sum());
  }

  private static double times(double[] a, double[] b) {
    double sum = 0;
    for (int i = 0; i < a.length; i++) {
      sum += a[i] * b[i];
    }
    return sum;
  }

  private static SequenceGradient gradient(
      ResidentModel model, int[] tokens, int from, Rescaling rescaling) {
    return model.gradient(tokens, from, rescaling, StopSignal.NEVER);
  }

  /** Compares NLLs, and derivatives along random directions and along log a. */
  private static void assertIsReference(
      ResidentModel model, int[] tokens, int from, String window, int directions, Path directory) {
    FamilyReference reference = FamilyReference.read(directory);
    Rescaling rescaling = rescaled(model.config());
    SequenceGradient gradient = gradient(model, tokens, from, rescaling);
    float[] nll = model.nll(tokens, from, rescaling);
    assertThat(gradient.nll()).containsExactly(nll, within(1e-4f));
    double[] actual = all(gradient);
    double norm = norm(actual);
    Random random = new Random(5);
    for (int i = 0; i <= directions; i++) {
      double[] direction = new double[actual.length];
      if (i == 0) {
        direction[actual.length - 1] = 1;
      } else {
        Arrays.setAll(direction, j -> random.nextGaussian());
      }
      double expected = difference(reference, tokens, from, rescaling, window, direction);
      assertThat(times(actual, direction))
          .as("direction %d, gradient of norm %s", i, norm)
          .isCloseTo(expected, within(TOLERANCE * norm * norm(direction) + 1e-6));
    }
  }

  @ParameterizedTest
  @EnumSource
  void gradient_ofEveryFamily_equalsFiniteDifferencesOfTheReference(TinyFamilies family) {
    Checkpoint checkpoint = family.open(directory);
    try (ResidentModel model = ResidentModel.load(checkpoint, AttentionWindow.CONFIG, 30)) {
      assertIsReference(model, TinyFamilies.tokens(30), 1, "config", 2, directory);
    }
  }

  /** Returns one of each kind of attention, rotation, block and router. */
  static Stream<TinyFamilies> kinds() {
    return ResidentModelTest.kinds();
  }

  @ParameterizedTest
  @CsvSource({"LLAMA,none,1", "LLAMA,7,30", "MISTRAL,2,1", "GEMMA2,5,20", "GPT_OSS,none,49"})
  void gradient_otherWindowOrLaterToken_equalsTheReference(
      TinyFamilies family, String window, int from) {
    Checkpoint checkpoint = family.open(directory);
    try (ResidentModel model = ResidentModel.load(checkpoint, AttentionWindow.parse(window), 50)) {
      assertIsReference(model, TinyFamilies.tokens(50), from, window, 2, directory);
    }
  }

  /** Compares over the borders of blocks of positions and, for capped scores, of keys. */
  @ParameterizedTest
  @EnumSource(names = {"LLAMA", "GEMMA2", "GPT_OSS"})
  void gradient_ofSeveralBlocks_equalsTheReference(TinyFamilies family) {
    Checkpoint checkpoint = family.open(directory);
    int length = Chunks.POSITIONS + 130;
    try (ResidentModel model = ResidentModel.load(checkpoint, AttentionWindow.CONFIG, length)) {
      assertIsReference(model, TinyFamilies.tokens(length), 1, "config", 1, directory);
    }
  }

  @ParameterizedTest
  @CsvSource({
    "LLAMA,config,100,64,true", "LLAMA,none,1,1,true", "MISTRAL,config,50,16,false",
    "MISTRAL,5,33,32,true", "QWEN2,64,64,64,false", "PHI3,config,7,3,false",
    "GEMMA2,config,33,8,true", "GPT_OSS,config,17,5,false", "MINICPM3,config,50,7,false",
    "MIXTRAL,none,23,9,true", "MINISTRAL3,20,30,7,true", "EXAONE4_HYBRID,config,31,11,true"
  })
  void gradient_smallChunks_equalsThatOfLargeOnes(
      TinyFamilies family, String window, int chunk, int block, boolean shared) {
    Checkpoint checkpoint = family.open(directory);
    Rescaling rescaling = rescaled(checkpoint.config());
    int[] tokens = TinyFamilies.tokens(150);
    AttentionWindow attentionWindow = AttentionWindow.parse(window);
    List<Device> devices = Collections.nCopies(checkpoint.config().layerCount(), Device.cpu());
    Chunks chunks = new Chunks(chunk, block, block + 3, 64, shared);
    try (ResidentModel usual = ResidentModel.load(checkpoint, attentionWindow, 150);
        ResidentModel small = ResidentModel.load(checkpoint, attentionWindow, devices, chunks)) {
      for (int from : new int[] {1, 120}) {
        SequenceGradient expected = gradient(usual, tokens, from, rescaling);
        SequenceGradient actual = gradient(small, tokens, from, rescaling);
        assertThat(actual.nll()).containsExactly(expected.nll(), within(1e-4f));
        double norm = norm(all(expected));
        assertThat(all(actual)).containsExactly(all(expected), within(2e-4 * norm));
      }
    }
  }

  private static void assertIsEqual(SequenceGradient actual, SequenceGradient expected) {
    assertThat(actual.nll()).isEqualTo(expected.nll());
    assertThat(all(actual)).isEqualTo(all(expected));
  }

  @ParameterizedTest
  @EnumSource(names = {"QWEN2", "GEMMA3", "DEEPSEEK_V3", "EXAONE4_HYBRID"})
  void gradient_layersOnSeveralStages_equalsThatOfOne(TinyFamilies family) {
    Checkpoint checkpoint = family.open(directory);
    List<Device> devices = new ArrayList<>();
    for (int layer = 0; layer < checkpoint.config().layerCount(); layer++) {
      devices.add(layer == 0 ? Device.cpu() : Device.of("cpu", 0));
    }
    int[] tokens = TinyFamilies.tokens(60);
    Rescaling rescaling = rescaled(checkpoint.config());
    try (ResidentModel one = ResidentModel.load(checkpoint, AttentionWindow.CONFIG, 2048);
        ResidentModel two =
            ResidentModel.load(checkpoint, AttentionWindow.CONFIG, devices, Chunks.CPU)) {
      SequenceGradient expected = gradient(one, tokens, 1, rescaling);
      SequenceGradient actual = gradient(two, tokens, 1, rescaling);
      assertThat(actual.nll()).isEqualTo(expected.nll());
      // Each stage sums its own layers' gradients by the table in float32.
      double norm = norm(all(expected));
      assertThat(all(actual)).containsExactly(all(expected), within(1e-5 * norm));
    }
  }

  @Test
  void gradient_inputsInTheHostsMemory_equalsThatOfInputsOnTheDevice() {
    Checkpoint checkpoint = TinyFamilies.QWEN2.open(directory);
    int[] tokens = TinyFamilies.tokens(60);
    Rescaling rescaling = rescaled(checkpoint.config());
    try (ResidentModel model = ResidentModel.load(checkpoint, AttentionWindow.CONFIG, 2048)) {
      SequenceGradient expected = gradient(model, tokens, 1, rescaling);
      for (int kept = 0; kept <= checkpoint.config().layerCount(); kept++) {
        int onDevice = kept;
        assertIsEqual(
            model.gradient(tokens, 1, rescaling, StopSignal.NEVER, stage -> onDevice), expected);
      }
    }
  }

  @ParameterizedTest
  @MethodSource("kinds")
  void gradient_anotherNumberOfThreads_givesTheSameBits(TinyFamilies family) {
    Checkpoint checkpoint = family.open(directory);
    Rescaling rescaling = rescaled(checkpoint.config());
    int[] tokens = TinyFamilies.tokens(Chunks.POSITIONS + 130);
    try (ResidentModel model = ResidentModel.load(checkpoint, AttentionWindow.CONFIG, 2048)) {
      SequenceGradient alone = gradient(model, tokens, 1, rescaling);
      for (int threads : new int[] {1, 2, 3}) {
        Libtorch.useThreads(threads);
        assertIsEqual(gradient(model, tokens, 1, rescaling), alone);
      }
    } finally {
      Libtorch.useThreads(1);
    }
  }

  @Test
  void gradient_stoppedAtAnyPart_endsAtOnceAndLeavesTheModelUsable() {
    Checkpoint checkpoint = TinyFamilies.LLAMA.open(directory);
    int[] tokens = TinyFamilies.tokens(60);
    Rescaling rescaling = rescaled(checkpoint.config());
    try (ResidentModel model = ResidentModel.load(checkpoint, AttentionWindow.CONFIG, 2048)) {
      AtomicInteger asked = new AtomicInteger();
      StopSignal counting =
          () -> {
            asked.incrementAndGet();
            return false;
          };
      SequenceGradient expected = model.gradient(tokens, 1, rescaling, counting);
      int parts = asked.get();
      // Three parts of a layer forward, five back, and the output head.
      assertThat(parts).isGreaterThanOrEqualTo(8 * checkpoint.config().layerCount() + 1);
      for (int after = 0; after < parts; after++) {
        AtomicInteger left = new AtomicInteger(after);
        assertThatThrownBy(
                () -> model.gradient(tokens, 1, rescaling, () -> left.getAndDecrement() == 0))
            .isInstanceOf(StoppedException.class);
        assertThat(left).hasValue(-1);
      }
      assertIsEqual(gradient(model, tokens, 1, rescaling), expected);
    }
  }

  @Test
  void gradient_progress_risesToTheEnd() {
    Checkpoint checkpoint = TinyFamilies.QWEN2.open(directory);
    List<Double> progress = new ArrayList<>();
    try (ResidentModel model = ResidentModel.load(checkpoint, AttentionWindow.CONFIG, 2048)) {
      model.gradient(
          TinyFamilies.tokens(60),
          1,
          rescaled(checkpoint.config()),
          StopSignal.of(() -> false, progress::add));
    }
    assertThat(progress).isSorted().hasSize(2 * checkpoint.config().layerCount());
    assertThat(progress.get(0)).isZero();
    assertThat(progress.get(progress.size() - 1)).isBetween(0.5, 1.0);
  }

  @Test
  void gradient_outsideOfTheSequence_isRejected() {
    Checkpoint checkpoint = TinyFamilies.LLAMA.open(directory);
    Rescaling rescaling = rescaled(checkpoint.config());
    try (ResidentModel model = ResidentModel.load(checkpoint, AttentionWindow.CONFIG, 2048)) {
      for (int from : new int[] {0, 5}) {
        assertThatThrownBy(() -> gradient(model, TinyFamilies.tokens(5), from, rescaling))
            .isInstanceOf(IllegalArgumentException.class)
            .hasMessage("Cannot score from token " + from + " of 5");
      }
    }
  }
}
