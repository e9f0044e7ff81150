package org.longrope.eval.decoder;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.assertj.core.api.Assertions.within;

import ai.djl.Device;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.Collections;
import java.util.List;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.stream.Stream;
import org.jspecify.annotations.Nullable;
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
import org.longrope.eval.rope.RopeScaling;

@Tag("numeric")
class ResidentModelTest {
  /** Length of a sequence over two borders of every part that works in blocks. */
  private static final int LONG = 2 * Chunks.POSITIONS + 130;

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

  private static double sum(float[] values) {
    double sum = 0;
    for (float value : values) {
      sum += value;
    }
    return sum;
  }

  /** Compares with the reference; without a rescaling, the model as published. */
  private static void assertIsReference(
      ResidentModel model,
      FamilyReference reference,
      String window,
      @Nullable Rescaling rescaling,
      int[] tokens) {
    double[] expected =
        ReferenceNll.of(reference, tokens, rescaling, AttentionWindow.parse(window));
    float[] actual =
        model.nll(
            tokens,
            1,
            rescaling == null ? model.config().rope().published(tokens.length) : rescaling);
    String what = window + " window, " + (rescaling == null ? "published" : "rescaled");
    assertThat(actual).as(what).hasSameSizeAs(expected);
    double total = Arrays.stream(expected).sum();
    assertThat(sum(actual)).as(what).isCloseTo(total, within(1e-6 * total));
    for (int t = 0; t < expected.length; t++) {
      assertThat((double) actual[t])
          .as("%s, token %d", what, t)
          .isCloseTo(expected[t], within(1e-4));
    }
  }

  private static void assertIsReference(
      Checkpoint checkpoint, String window, @Nullable Rescaling rescaling, int[] tokens) {
    FamilyReference reference = FamilyReference.read(checkpoint.directory());
    try (ResidentModel model =
        ResidentModel.load(checkpoint, AttentionWindow.parse(window), tokens.length)) {
      assertIsReference(model, reference, window, rescaling, tokens);
    }
  }

  /** Base table and factors of these model types depend on the length of a text. */
  private static boolean dependsOnLength(DecoderSpec config) {
    return config.rope().scaling() instanceof RopeScaling.Dynamic;
  }

  @ParameterizedTest
  @EnumSource
  void nll_shortSequence_equalsTheReferenceAndItsPrefixesAlone(TinyFamilies family) {
    Checkpoint checkpoint = family.open(directory);
    FamilyReference reference = FamilyReference.read(directory);
    Rescaling rescaling = rescaled(checkpoint.config());
    int[] tokens = TinyFamilies.tokens(50);
    try (ResidentModel model = ResidentModel.load(checkpoint, AttentionWindow.CONFIG, 50)) {
      assertIsReference(model, reference, "config", null, tokens);
      assertIsReference(model, reference, "config", rescaling, tokens);
      if (dependsOnLength(checkpoint.config())) {
        return;
      }
      float[] all = model.nll(tokens, 1, rescaling);
      for (int length : new int[] {2, 33}) {
        assertThat(model.nll(Arrays.copyOf(tokens, length), 1, rescaling))
            .containsExactly(Arrays.copyOf(all, length - 1), within(1e-4f));
      }
    }
  }

  /** Returns one of each kind of attention, rotation, block and router. */
  static Stream<TinyFamilies> kinds() {
    return Stream.of(
        TinyFamilies.LLAMA,
        TinyFamilies.MINISTRAL3,
        TinyFamilies.QWEN2_MAX_WINDOW_LAYERS,
        TinyFamilies.QWEN3_MOE,
        TinyFamilies.PHI_QK_LAYERNORM,
        TinyFamilies.GEMMA2,
        TinyFamilies.GEMMA3,
        TinyFamilies.SMOLLM3,
        TinyFamilies.COHERE2,
        TinyFamilies.GPT_OSS,
        TinyFamilies.DEEPSEEK_V3);
  }

  @ParameterizedTest
  @MethodSource("kinds")
  void nll_otherWindow_equalsTheReference(TinyFamilies family) {
    Checkpoint checkpoint = family.open(directory);
    for (String window : List.of("none", "5")) {
      assertIsReference(checkpoint, window, rescaled(checkpoint.config()), TinyFamilies.tokens(50));
    }
  }

  @ParameterizedTest
  @MethodSource("kinds")
  void nll_sequenceOfSeveralChunks_equalsTheReference(TinyFamilies family) {
    Checkpoint checkpoint = family.open(directory);
    assertIsReference(
        checkpoint, "config", rescaled(checkpoint.config()), TinyFamilies.tokens(LONG));
  }

  @ParameterizedTest
  @CsvSource({"MISTRAL,none", "MISTRAL,600", "GEMMA2,600", "GPT_OSS,512", "PHI3,1"})
  void nll_windowOverrideOverSeveralChunks_equalsTheReference(TinyFamilies family, String window) {
    Checkpoint checkpoint = family.open(directory);
    assertIsReference(checkpoint, window, null, TinyFamilies.tokens(LONG));
  }

  @ParameterizedTest
  @CsvSource({
    "LLAMA,config,100,64,7,true", "LLAMA,none,1,1,1,true", "MISTRAL,config,50,16,300,false",
    "MISTRAL,5,33,32,10,true", "QWEN2,64,64,64,20,false", "QWEN2,100,128,10,32,true",
    "PHI3,config,7,3,9,false", "PHI3,16,47,20,31,true", "GEMMA2,config,33,8,10,true",
    "GPT_OSS,config,17,5,64,true", "MINICPM3,config,50,7,64,false", "MIXTRAL,none,23,9,64,true",
    "MINISTRAL3,20,30,7,64,true", "EXAONE4_HYBRID,config,31,11,20,true"
  })
  void nll_smallChunks_equalsTheReference(
      TinyFamilies family,
      String window,
      int chunk,
      int block,
      int vocabularyBlock,
      boolean shared) {
    Checkpoint checkpoint = family.open(directory);
    Rescaling rescaling = rescaled(checkpoint.config());
    int[] tokens = TinyFamilies.tokens(200);
    AttentionWindow attentionWindow = AttentionWindow.parse(window);
    List<Device> devices = Collections.nCopies(checkpoint.config().layerCount(), Device.cpu());
    Chunks chunks = new Chunks(chunk, block, block + 3, vocabularyBlock, shared);
    try (ResidentModel usual = ResidentModel.load(checkpoint, attentionWindow, 2048);
        ResidentModel small = ResidentModel.load(checkpoint, attentionWindow, devices, chunks)) {
      assertIsReference(usual, FamilyReference.read(directory), window, rescaling, tokens);
      double sum = sum(usual.nll(tokens, 1, rescaling));
      assertThat(sum(small.nll(tokens, 1, rescaling))).isCloseTo(sum, within(1e-6 * sum));
      assertThat(small.nll(tokens, 120, rescaling))
          .containsExactly(
              Arrays.copyOfRange(usual.nll(tokens, 1, rescaling), 119, 199), within(1e-4f));
    }
  }

  @ParameterizedTest
  @EnumSource(names = {"QWEN2", "GEMMA3", "DEEPSEEK_V3", "EXAONE4_HYBRID"})
  void nll_layersOnSeveralStages_equalsThatOfOne(TinyFamilies family) {
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
      assertThat(two.nll(tokens, 1, rescaling)).isEqualTo(one.nll(tokens, 1, rescaling));
    }
  }

  @Test
  void nll_stopped_endsAtOnceAndLeavesTheModelUsable() {
    Checkpoint checkpoint = TinyFamilies.LLAMA.open(directory);
    int[] tokens = TinyFamilies.tokens(60);
    Rescaling rescaling = rescaled(checkpoint.config());
    try (ResidentModel model = ResidentModel.load(checkpoint, AttentionWindow.CONFIG, 2048)) {
      float[] expected = model.nll(tokens, 1, rescaling);
      int questions = 2 * checkpoint.config().layerCount() + 1;
      for (int after = 0; after < questions; after++) {
        AtomicInteger left = new AtomicInteger(after);
        assertThatThrownBy(() -> model.nll(tokens, 1, rescaling, () -> left.getAndDecrement() == 0))
            .isInstanceOf(StoppedException.class);
      }
      assertThat(model.nll(tokens, 1, rescaling)).isEqualTo(expected);
    }
  }

  @Test
  void nll_withWindow_isFullAttentionsUntilTheWindowIsFull() {
    Checkpoint checkpoint = TinyFamilies.LLAMA.open(directory);
    Rescaling rescaling = rescaled(checkpoint.config());
    int[] tokens = TinyFamilies.tokens(700);
    try (ResidentModel full = ResidentModel.load(checkpoint, AttentionWindow.parse("none"), 2048);
        ResidentModel windowed =
            ResidentModel.load(checkpoint, AttentionWindow.parse("600"), 2048)) {
      float[] seesAll = full.nll(tokens, 1, rescaling);
      float[] seesWindow = windowed.nll(tokens, 1, rescaling);
      assertThat(Arrays.copyOf(seesWindow, 600))
          .containsExactly(Arrays.copyOf(seesAll, 600), within(1e-4f));
      assertThat(seesWindow[698]).isNotCloseTo(seesAll[698], within(1e-4f));
    }
  }

  @Test
  void nll_fromLaterToken_isTheTailOfAll() {
    Checkpoint checkpoint = TinyFamilies.QWEN2.open(directory);
    Rescaling rescaling = rescaled(checkpoint.config());
    int[] tokens = TinyFamilies.tokens(LONG);
    try (ResidentModel model = ResidentModel.load(checkpoint, AttentionWindow.CONFIG, 2048)) {
      float[] all = model.nll(tokens, 1, rescaling);
      for (int from : new int[] {2, 512, 513, 777, LONG - 1}) {
        assertThat(model.nll(tokens, from, rescaling))
            .containsExactly(Arrays.copyOfRange(all, from - 1, all.length), within(1e-4f));
      }
    }
  }

  @Test
  void nll_outsideOfTheSequence_isRejected() {
    Checkpoint checkpoint = TinyFamilies.LLAMA.open(directory);
    try (ResidentModel model = ResidentModel.load(checkpoint, AttentionWindow.CONFIG, 2048)) {
      for (int from : new int[] {0, -1, 5}) {
        assertThatThrownBy(
                () ->
                    model.nll(
                        TinyFamilies.tokens(5), from, checkpoint.config().rope().published(LONG)))
            .isInstanceOf(IllegalArgumentException.class)
            .hasMessage("Cannot score from token " + from + " of 5");
      }
    }
  }

  @Test
  void nll_factorsForAnotherRotation_areRejected() {
    Checkpoint checkpoint = TinyFamilies.LLAMA.open(directory);
    Rescaling other = new Rescaling(RescaleFactors.uniform(7, 2), 0, 1);
    try (ResidentModel model = ResidentModel.load(checkpoint, AttentionWindow.CONFIG, 2048)) {
      assertThatThrownBy(() -> model.nll(TinyFamilies.tokens(5), 1, other))
          .isInstanceOf(IllegalArgumentException.class)
          .hasMessage("Cannot rescale 4 pairs with 7 factors");
    }
  }

  @ParameterizedTest
  @MethodSource("kinds")
  void nll_anotherNumberOfThreads_givesTheSameBits(TinyFamilies family) {
    Checkpoint checkpoint = family.open(directory);
    Rescaling rescaling = rescaled(checkpoint.config());
    int[] tokens = TinyFamilies.tokens(LONG);
    try (ResidentModel model = ResidentModel.load(checkpoint, AttentionWindow.CONFIG, 2048)) {
      float[] alone = model.nll(tokens, 1, rescaling);
      for (int threads : new int[] {2, 3, 4}) {
        Libtorch.useThreads(threads);
        assertThat(model.nll(tokens, 1, rescaling)).as("%d threads", threads).isEqualTo(alone);
      }
    } finally {
      Libtorch.useThreads(1);
    }
  }

  @Test
  void nll_stoppedInOnePart_stopsOnAllThreads() {
    Checkpoint checkpoint = TinyFamilies.LLAMA.open(directory);
    AtomicInteger asked = new AtomicInteger();
    Libtorch.useThreads(3);
    try (ResidentModel model = ResidentModel.load(checkpoint, AttentionWindow.CONFIG, 2048)) {
      int[] tokens = TinyFamilies.tokens(LONG);
      assertThatThrownBy(
              () ->
                  model.nll(
                      tokens,
                      1,
                      checkpoint.config().rope().published(LONG),
                      () -> asked.incrementAndGet() == 3))
          .isInstanceOf(StoppedException.class);
      assertThat(model.nll(tokens, 1, checkpoint.config().rope().published(LONG)))
          .hasSize(LONG - 1);
    } finally {
      Libtorch.useThreads(1);
    }
  }

  @ParameterizedTest
  @EnumSource(names = {"LLAMA", "MISTRAL", "PHI3", "GEMMA2", "DEEPSEEK_V3"})
  void nll_severalThreadsAtOnce_giveTheBitsOfOne(TinyFamilies family) throws Exception {
    Checkpoint checkpoint = family.open(directory);
    List<Rescaling> rescalings =
        List.of(checkpoint.config().rope().published(LONG), rescaled(checkpoint.config()));
    ExecutorService pool = Executors.newFixedThreadPool(2);
    try (ResidentModel model = ResidentModel.load(checkpoint, AttentionWindow.CONFIG, 2048)) {
      List<float[]> alone = new ArrayList<>();
      for (int i = 0; i < 10; i++) {
        alone.add(model.nll(TinyFamilies.tokens(300 + 40 * i), 1, rescalings.get(i % 2)));
      }
      List<Future<List<float[]>>> together = new ArrayList<>();
      for (int thread = 0; thread < 2; thread++) {
        together.add(
            pool.submit(
                () -> {
                  List<float[]> answers = new ArrayList<>();
                  for (int i = 0; i < 10; i++) {
                    answers.add(
                        model.nll(TinyFamilies.tokens(300 + 40 * i), 1, rescalings.get(i % 2)));
                  }
                  return answers;
                }));
      }
      for (Future<List<float[]>> answers : together) {
        for (int i = 0; i < alone.size(); i++) {
          assertThat(answers.get().get(i)).isEqualTo(alone.get(i));
        }
      }
    } finally {
      pool.shutdownNow();
    }
  }

  @ParameterizedTest
  @EnumSource(names = {"LLAMA", "MISTRAL", "QWEN2", "PHI3", "GRANITEMOE"})
  void load_dataOnOddBytes_givesEqualNumbers(TinyFamilies family) throws IOException {
    Checkpoint aligned = family.open(directory);
    int[] tokens = TinyFamilies.tokens(40);
    Rescaling rescaling = rescaled(aligned.config());
    float[] expected;
    try (ResidentModel model = ResidentModel.load(aligned, AttentionWindow.CONFIG, 2048)) {
      expected = model.nll(tokens, 1, rescaling);
    }
    Path file = directory.resolve("model.safetensors");
    Files.write(file, shifted(Files.readAllBytes(file), 3));
    Checkpoint odd = Checkpoint.open(directory);
    try (ResidentModel model = ResidentModel.load(odd, AttentionWindow.CONFIG, 2048)) {
      // Kernels may take other steps through memory that begins on another boundary.
      assertThat(model.nll(tokens, 1, rescaling)).containsExactly(expected, within(1e-4f));
    }
  }

  /** Returns a safetensors file with blanks added at the end of its header. */
  private static byte[] shifted(byte[] file, int blanks) {
    ByteBuffer old = ByteBuffer.wrap(file).order(ByteOrder.LITTLE_ENDIAN);
    int header = (int) old.getLong(0);
    ByteBuffer shifted = ByteBuffer.allocate(file.length + blanks).order(ByteOrder.LITTLE_ENDIAN);
    shifted
        .putLong(header + blanks)
        .put(file, 8, header)
        .put(" ".repeat(blanks).getBytes(StandardCharsets.UTF_8));
    return shifted.put(file, 8 + header, file.length - 8 - header).array();
  }

  @Test
  void load_onTheCpu_computesInFloat32() {
    Checkpoint checkpoint = TinyFamilies.QWEN2.open(directory);
    try (ResidentModel model = ResidentModel.load(checkpoint, AttentionWindow.CONFIG, 2048)) {
      assertThat(model.computeType()).isEqualTo("f32");
      assertThat(model.config()).isEqualTo(checkpoint.config());
    }
  }
}
