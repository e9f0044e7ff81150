package org.longrope.eval.decoder;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.assertj.core.api.Assertions.within;

import ai.djl.Device;
import java.nio.file.Path;
import java.util.Arrays;
import java.util.List;
import java.util.Random;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;
import org.junit.jupiter.params.provider.MethodSource;
import org.longrope.eval.BadInputException;
import org.longrope.eval.checkpoint.Checkpoint;
import org.longrope.eval.checkpoint.TinyCheckpoints;
import org.longrope.eval.family.TinyFamilies;
import org.longrope.eval.rope.RescaleFactors;
import org.longrope.eval.rope.Rescaling;

/** Tests of sequences that are read in pieces against sequences that are read at once. */
@Tag("numeric")
class DecodingSessionTest {
  @TempDir Path directory;

  @BeforeEach
  void useTestThreads() {
    TestThreads.use();
  }

  private static Rescaling rescaling(int pairs) {
    double[] lambda = new double[pairs];
    Arrays.setAll(lambda, i -> 1 + 0.8 * i);
    return new Rescaling(RescaleFactors.of(lambda), 5, 1.1);
  }

  private static int[] tokens(int n, long seed) {
    return new Random(seed).ints(n, 0, TinyCheckpoints.VOCABULARY).toArray();
  }

  private static void append(DecodingSession session, int[] tokens, int from, int to) {
    session.append(Arrays.copyOfRange(tokens, from, to), StopSignal.NEVER);
  }

  private static void assertPiecesAreTheWhole(Checkpoint checkpoint, String window) {
    Rescaling rescaling = rescaling(checkpoint.config().rope().pairs());
    int[] tokens = TinyFamilies.tokens(50);
    // As long as the text, because some base tables depend on the length.
    try (ResidentModel model = ResidentModel.load(checkpoint, AttentionWindow.parse(window), 50);
        DecodingSession session = model.session(50, rescaling)) {
      int end = 0;
      for (int piece : new int[] {1, 20, 1, 1, 20, 7}) {
        append(session, tokens, end, end + piece);
        end += piece;
      }
      assertThat(session.length()).isEqualTo(50);
      assertThat(session.tokens()).isEqualTo(tokens);
      float[] whole = model.nll(tokens, 1, rescaling);
      assertThat(session.nll(1)).containsExactly(whole, within(1e-4f));
      assertThat(session.nll(41)).containsExactly(Arrays.copyOfRange(whole, 40, 49), within(1e-4f));
    }
  }

  @ParameterizedTest
  @MethodSource("org.longrope.eval.decoder.ResidentModelTest#kinds")
  void append_inPieces_isThePassOverTheWhole(TinyFamilies family) {
    Checkpoint checkpoint = family.open(directory);
    for (String window : List.of("config", "none", "7")) {
      assertPiecesAreTheWhole(checkpoint, window);
    }
  }

  @ParameterizedTest
  @EnumSource(names = {"LLAMA_DYNAMIC", "LLAMA_LONGROPE", "HUNYUAN_V1_DENSE", "MINICPM3"})
  void append_inPiecesWithAnotherRotation_isThePassOverTheWhole(TinyFamilies family) {
    assertPiecesAreTheWhole(family.open(directory), "config");
  }

  @ParameterizedTest
  @MethodSource("org.longrope.eval.decoder.ResidentModelTest#kinds")
  void truncate_thenAnotherContinuation_forgetsTheFirst(TinyFamilies family) {
    Checkpoint checkpoint = family.open(directory);
    Rescaling rescaling = rescaling(checkpoint.config().rope().pairs());
    int[] prefix = tokens(30, 4);
    try (ResidentModel model = ResidentModel.load(checkpoint, AttentionWindow.CONFIG, 64);
        DecodingSession session = model.session(40, rescaling)) {
      session.append(prefix, StopSignal.NEVER);
      for (int seed = 5; seed < 8; seed++) {
        int[] choice = tokens(10, seed);
        session.append(choice, StopSignal.NEVER);
        int[] whole = Arrays.copyOf(prefix, 40);
        System.arraycopy(choice, 0, whole, 30, 10);
        assertThat(session.nll(30)).containsExactly(model.nll(whole, 30, rescaling), within(1e-4f));
        session.truncate(30);
      }
    }
  }

  @ParameterizedTest
  @EnumSource(names = {"LLAMA", "MISTRAL", "QWEN2", "PHI3", "PHI", "GEMMA2", "COHERE"})
  void argmax_isTheTokenOfLeastNll(TinyFamilies family) {
    Checkpoint checkpoint = family.open(directory);
    Rescaling rescaling = rescaling(checkpoint.config().rope().pairs());
    int[] tokens = tokens(12, 10);
    try (ResidentModel model = ResidentModel.load(checkpoint, AttentionWindow.CONFIG, 64);
        DecodingSession session = model.session(12, rescaling)) {
      session.append(tokens, StopSignal.NEVER);
      for (int position : new int[] {1, 7, 12}) {
        int[] with = Arrays.copyOf(tokens, position + 1);
        float[] nll = new float[TinyCheckpoints.VOCABULARY];
        for (int word = 0; word < nll.length; word++) {
          with[position] = word;
          nll[word] = model.nll(with, position, rescaling)[0];
        }
        float[] ordered = nll.clone();
        Arrays.sort(ordered);
        assertThat(nll[session.argmax(position)]).isCloseTo(ordered[0], within(1e-4f));
      }
      assertThat(session.argmax()).isEqualTo(session.argmax(12));
    }
  }

  @Test
  void session_overSeveralStages_equalsThatOfOne() {
    Checkpoint checkpoint = TinyFamilies.MISTRAL.open(directory);
    Rescaling rescaling = rescaling(checkpoint.config().rope().pairs());
    int[] tokens = tokens(50, 12);
    List<Device> devices = new java.util.ArrayList<>();
    for (int layer = 0; layer < checkpoint.config().layerCount(); layer++) {
      devices.add(Device.of(Device.Type.CPU, layer == 0 ? -1 : 0));
    }
    try (ResidentModel one = ResidentModel.load(checkpoint, AttentionWindow.CONFIG, 64);
        ResidentModel several =
            ResidentModel.load(
                checkpoint, AttentionWindow.CONFIG, devices, new Chunks(16, 8, 8, 10, true));
        DecodingSession session = several.session(50, rescaling)) {
      append(session, tokens, 0, 33);
      append(session, tokens, 33, 50);
      assertThat(session.nll(1)).containsExactly(one.nll(tokens, 1, rescaling), within(1e-4f));
    }
  }

  @Test
  void append_beyondCapacityOrStopped_changesNothing() {
    Checkpoint checkpoint = TinyFamilies.QWEN2.open(directory);
    Rescaling rescaling = rescaling(checkpoint.config().rope().pairs());
    int[] tokens = tokens(20, 14);
    try (ResidentModel model = ResidentModel.load(checkpoint, AttentionWindow.CONFIG, 64);
        DecodingSession session = model.session(20, rescaling)) {
      append(session, tokens, 0, 15);
      assertThatThrownBy(() -> append(session, tokens, 0, 6))
          .isInstanceOf(IllegalArgumentException.class)
          .hasMessage("Cannot append 6 tokens to 15 of 20");
      assertThatThrownBy(() -> session.append(new int[] {1, 2}, () -> true))
          .isInstanceOf(StoppedException.class);
      append(session, tokens, 15, 20);
      assertThat(session.nll(1)).containsExactly(model.nll(tokens, 1, rescaling), within(1e-4f));
    }
  }

  @Test
  void session_thatDoesNotFit_isRejectedWithTheArithmetic() {
    Checkpoint checkpoint = TinyFamilies.LLAMA.open(directory);
    Rescaling rescaling = rescaling(checkpoint.config().rope().pairs());
    try (ResidentModel model = ResidentModel.load(checkpoint, AttentionWindow.CONFIG, 64)) {
      assertThatThrownBy(() -> model.session(Integer.MAX_VALUE, rescaling))
          .isInstanceOf(BadInputException.class)
          .hasMessageMatching("Keys and values of 2,147,483,647 tokens do not fit: .* GiB.*");
    }
  }
}
