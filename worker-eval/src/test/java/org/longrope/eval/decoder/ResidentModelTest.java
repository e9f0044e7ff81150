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
import java.util.Random;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;
import java.util.concurrent.atomic.AtomicInteger;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.EnumSource;
import org.longrope.eval.checkpoint.Architecture;
import org.longrope.eval.checkpoint.Checkpoint;
import org.longrope.eval.checkpoint.ModelConfig;
import org.longrope.eval.checkpoint.TinyCheckpoints;
import org.longrope.eval.rope.RescaleFactors;
import org.longrope.eval.rope.Rescaling;

@Tag("numeric")
class ResidentModelTest {
  /** Length of a sequence over two borders of every part that works in blocks. */
  private static final int LONG = 2 * Chunks.POSITIONS + 130;

  @TempDir Path directory;

  @BeforeEach
  void useTestThreads() {
    TestThreads.use();
  }

  private static Rescaling none(ModelConfig config) {
    return new Rescaling(RescaleFactors.uniform(config.rope().pairs(), 1), 0, 1);
  }

  private static Rescaling rescaled(ModelConfig config) {
    double[] lambda = new double[config.rope().pairs()];
    Arrays.setAll(lambda, i -> 1.1 + 0.9 * i);
    return new Rescaling(RescaleFactors.of(lambda), 4, 1.13);
  }

  private static int[] tokens(int n, long seed) {
    return new Random(seed).ints(n, 0, TinyCheckpoints.VOCABULARY).toArray();
  }

  private static double sum(float[] values) {
    double sum = 0;
    for (float value : values) {
      sum += value;
    }
    return sum;
  }

  private static void assertIsReference(
      Checkpoint checkpoint, String window, Rescaling rescaling, int[] tokens) {
    AttentionWindow attentionWindow = AttentionWindow.parse(window);
    double[] expected =
        ReferenceDecoder.read(checkpoint.config(), checkpoint.directory())
            .nll(tokens, rescaling, attentionWindow.windows(checkpoint.config()));
    try (ResidentModel model = ResidentModel.load(checkpoint, attentionWindow, 2048)) {
      float[] actual = model.nll(tokens, 1, rescaling);
      String what = window + " window, start tokens " + rescaling.startTokens();
      assertThat(actual).as(what).hasSameSizeAs(expected);
      double total = Arrays.stream(expected).sum();
      assertThat(sum(actual)).as(what).isCloseTo(total, within(1e-6 * total));
      for (int t = 0; t < expected.length; t++) {
        assertThat((double) actual[t])
            .as("%s, token %d", what, t)
            .isCloseTo(expected[t], within(1e-4));
      }
    }
  }

  @ParameterizedTest
  @EnumSource
  void nll_shortSequence_equalsTheReference(Architecture architecture) {
    Checkpoint checkpoint = architecture.open(directory, 1);
    for (String window : List.of("config", "none", "5")) {
      assertIsReference(checkpoint, window, none(checkpoint.config()), tokens(50, 2));
      assertIsReference(checkpoint, window, rescaled(checkpoint.config()), tokens(50, 3));
    }
  }

  @ParameterizedTest
  @EnumSource
  void nll_sequenceOfSeveralChunks_equalsTheReference(Architecture architecture) {
    Checkpoint checkpoint = architecture.open(directory, 4);
    assertIsReference(checkpoint, "config", rescaled(checkpoint.config()), tokens(LONG, 5));
  }

  @ParameterizedTest
  @CsvSource({"MISTRAL,none", "MISTRAL,600", "LLAMA,512", "PHI3,1"})
  void nll_windowOverrideOverSeveralChunks_equalsTheReference(
      Architecture architecture, String window) {
    Checkpoint checkpoint = architecture.open(directory, 6);
    assertIsReference(checkpoint, window, none(checkpoint.config()), tokens(LONG, 7));
  }

  @ParameterizedTest
  @CsvSource({
    "LLAMA,config,100,64,7,true", "LLAMA,none,1,1,1,true", "MISTRAL,config,50,16,300,false",
    "MISTRAL,5,33,32,10,true", "QWEN2,64,64,64,20,false", "QWEN2,100,128,10,32,true",
    "PHI3,config,7,3,9,false", "PHI3,16,47,20,31,true"
  })
  void nll_smallChunks_equalsTheReference(
      Architecture architecture,
      String window,
      int chunk,
      int block,
      int vocabularyBlock,
      boolean shared) {
    Checkpoint checkpoint = architecture.open(directory, 22);
    Rescaling rescaling = rescaled(checkpoint.config());
    int[] tokens = tokens(200, 23);
    AttentionWindow attentionWindow = AttentionWindow.parse(window);
    List<Device> devices = Collections.nCopies(checkpoint.config().layers(), Device.cpu());
    Chunks chunks = new Chunks(chunk, block, block + 3, vocabularyBlock, shared);
    assertIsReference(checkpoint, window, rescaling, tokens);
    try (ResidentModel usual = ResidentModel.load(checkpoint, attentionWindow, 2048);
        ResidentModel small = ResidentModel.load(checkpoint, attentionWindow, devices, chunks)) {
      double sum = sum(usual.nll(tokens, 1, rescaling));
      assertThat(sum(small.nll(tokens, 1, rescaling))).isCloseTo(sum, within(1e-6 * sum));
      assertThat(small.nll(tokens, 120, rescaling))
          .containsExactly(
              Arrays.copyOfRange(usual.nll(tokens, 1, rescaling), 119, 199), within(1e-4f));
    }
  }

  @Test
  void nll_layersOnSeveralStages_equalsThatOfOne() {
    Checkpoint checkpoint = Architecture.QWEN2.open(directory, 24);
    List<Device> devices = new ArrayList<>();
    for (int layer = 0; layer < checkpoint.config().layers(); layer++) {
      devices.add(layer == 0 ? Device.cpu() : Device.of("cpu", 0));
    }
    int[] tokens = tokens(60, 25);
    Rescaling rescaling = rescaled(checkpoint.config());
    try (ResidentModel one = ResidentModel.load(checkpoint, AttentionWindow.CONFIG, 2048);
        ResidentModel two =
            ResidentModel.load(checkpoint, AttentionWindow.CONFIG, devices, Chunks.CPU)) {
      assertThat(two.nll(tokens, 1, rescaling)).isEqualTo(one.nll(tokens, 1, rescaling));
    }
  }

  @Test
  void nll_stopped_endsAtOnceAndLeavesTheModelUsable() {
    Checkpoint checkpoint = Architecture.LLAMA.open(directory, 26);
    int[] tokens = tokens(60, 27);
    Rescaling rescaling = rescaled(checkpoint.config());
    try (ResidentModel model = ResidentModel.load(checkpoint, AttentionWindow.CONFIG, 2048)) {
      float[] expected = model.nll(tokens, 1, rescaling);
      int questions = 2 * checkpoint.config().layers() + 1;
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
    Checkpoint checkpoint = Architecture.LLAMA.open(directory, 8);
    Rescaling rescaling = rescaled(checkpoint.config());
    int[] tokens = tokens(700, 9);
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
    Checkpoint checkpoint = Architecture.QWEN2.open(directory, 10);
    Rescaling rescaling = rescaled(checkpoint.config());
    int[] tokens = tokens(LONG, 11);
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
    Checkpoint checkpoint = Architecture.LLAMA.open(directory, 12);
    try (ResidentModel model = ResidentModel.load(checkpoint, AttentionWindow.CONFIG, 2048)) {
      for (int from : new int[] {0, -1, 5}) {
        assertThatThrownBy(() -> model.nll(tokens(5, 13), from, none(checkpoint.config())))
            .isInstanceOf(IllegalArgumentException.class)
            .hasMessage("Cannot score from token " + from + " of 5");
      }
    }
  }

  @Test
  void nll_factorsForAnotherRotation_areRejected() {
    Checkpoint checkpoint = Architecture.LLAMA.open(directory, 14);
    Rescaling other = new Rescaling(RescaleFactors.uniform(7, 2), 0, 1);
    try (ResidentModel model = ResidentModel.load(checkpoint, AttentionWindow.CONFIG, 2048)) {
      assertThatThrownBy(() -> model.nll(tokens(5, 15), 1, other))
          .isInstanceOf(IllegalArgumentException.class)
          .hasMessage("Cannot rescale 8 pairs with 7 factors");
    }
  }

  @ParameterizedTest
  @EnumSource
  void nll_anotherNumberOfThreads_givesTheSameBits(Architecture architecture) {
    Checkpoint checkpoint = architecture.open(directory, 16);
    Rescaling rescaling = rescaled(checkpoint.config());
    int[] tokens = tokens(LONG, 17);
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
    Checkpoint checkpoint = Architecture.LLAMA.open(directory, 26);
    AtomicInteger asked = new AtomicInteger();
    Libtorch.useThreads(3);
    try (ResidentModel model = ResidentModel.load(checkpoint, AttentionWindow.CONFIG, 2048)) {
      int[] tokens = tokens(LONG, 27);
      assertThatThrownBy(
              () ->
                  model.nll(
                      tokens, 1, none(checkpoint.config()), () -> asked.incrementAndGet() == 3))
          .isInstanceOf(StoppedException.class);
      assertThat(model.nll(tokens, 1, none(checkpoint.config()))).hasSize(LONG - 1);
    } finally {
      Libtorch.useThreads(1);
    }
  }

  @ParameterizedTest
  @EnumSource(names = {"LLAMA", "MISTRAL", "PHI3"})
  void nll_severalThreadsAtOnce_giveTheBitsOfOne(Architecture architecture) throws Exception {
    Checkpoint checkpoint = architecture.open(directory, 18);
    List<Rescaling> rescalings = List.of(none(checkpoint.config()), rescaled(checkpoint.config()));
    ExecutorService pool = Executors.newFixedThreadPool(2);
    try (ResidentModel model = ResidentModel.load(checkpoint, AttentionWindow.CONFIG, 2048)) {
      List<float[]> alone = new ArrayList<>();
      for (int i = 0; i < 10; i++) {
        alone.add(model.nll(tokens(300 + 40 * i, i), 1, rescalings.get(i % 2)));
      }
      List<Future<List<float[]>>> together = new ArrayList<>();
      for (int thread = 0; thread < 2; thread++) {
        together.add(
            pool.submit(
                () -> {
                  List<float[]> answers = new ArrayList<>();
                  for (int i = 0; i < 10; i++) {
                    answers.add(model.nll(tokens(300 + 40 * i, i), 1, rescalings.get(i % 2)));
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
  @EnumSource(names = {"LLAMA", "MISTRAL", "QWEN2", "PHI3"})
  void load_dataOnOddBytes_givesEqualNumbers(Architecture architecture) throws IOException {
    Checkpoint aligned = architecture.open(directory, 19);
    int[] tokens = tokens(40, 20);
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
    Checkpoint checkpoint = Architecture.QWEN2.open(directory, 21);
    try (ResidentModel model = ResidentModel.load(checkpoint, AttentionWindow.CONFIG, 2048)) {
      assertThat(model.computeType()).isEqualTo("f32");
      assertThat(model.config()).isEqualTo(checkpoint.config());
    }
  }
}
