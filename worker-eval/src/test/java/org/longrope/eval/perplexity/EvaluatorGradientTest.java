package org.longrope.eval.perplexity;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.assertj.core.api.Assertions.within;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Random;
import java.util.stream.Stream;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;
import org.junit.jupiter.params.provider.ValueSource;
import org.longrope.eval.BadInputException;
import org.longrope.eval.checkpoint.Checkpoint;
import org.longrope.eval.checkpoint.DType;
import org.longrope.eval.checkpoint.TinyCheckpoints;
import org.longrope.eval.decoder.AttentionWindow;
import org.longrope.eval.decoder.ResidentModel;
import org.longrope.eval.decoder.StopSignal;
import org.longrope.eval.decoder.StoppedException;
import org.longrope.eval.decoder.TestThreads;
import org.longrope.eval.family.FamilyReference;
import org.longrope.eval.family.ReferenceNll;
import org.longrope.eval.passkey.PasskeyPrompts;
import org.longrope.eval.rope.QueryScales;
import org.longrope.eval.rope.RescaleFactors;
import org.longrope.eval.rope.Rescaling;
import org.longrope.eval.tokenizer.BytePairTraining;
import org.longrope.eval.tokenizer.DocumentTokenizer;

/** Tests of gradients of documents by each protocol. */
@Tag("numeric")
class EvaluatorGradientTest {
  private static final int VOCABULARY = 257;

  /** Query heads of the checkpoint. */
  private static final int HEADS = 4;

  /** Step of a finite difference: one millionth, the unit of ψ. */
  private static final double STEP = 1e-6;

  @TempDir Path directory;

  @BeforeEach
  void useTestThreads() {
    TestThreads.use();
  }

  private static int[] tokens(int n) {
    return new Random(n).ints(n, 0, VOCABULARY).toArray();
  }

  private Checkpoint checkpoint() throws IOException {
    TinyCheckpoints.write(
        directory, TinyCheckpoints.config("llama").put("vocab_size", VOCABULARY), DType.F32, 1, 51);
    Files.writeString(
        directory.resolve("tokenizer.json"), new BytePairTraining().tokenizerJson(VOCABULARY));
    return Checkpoint.open(directory);
  }

  /**
   * Returns factors, attention factor and query scales of two heads, with their logarithms moved.
   */
  private static Rescaling rescaling(int pairs, double[] moved) {
    double[] lambda = new double[pairs];
    Arrays.setAll(lambda, i -> (1 + 0.25 * i) * Math.exp(moved[i]));
    double[] psi = new double[HEADS * pairs];
    Arrays.setAll(psi, i -> 0.2 * Math.sin(i) + moved[pairs + 1 + i]);
    return new Rescaling(
        RescaleFactors.of(lambda),
        3,
        1.1 * Math.exp(moved[pairs]),
        QueryScales.ones(1, HEADS, pairs).withLogs(psi));
  }

  /** Window of a protocol: its tokens, and the first that is scored. */
  private record Part(int[] tokens, int from) {}

  static List<Protocol> protocols() {
    return List.of(
        new Protocol.Truncated(60),
        new Protocol.Tail(70, 50),
        new Protocol.Sliding(64, 20),
        new Protocol.Chunked(40, 85),
        new Protocol.Needle(320, 0.25, 17_865));
  }

  private static List<Part> parts(int[] sequence, Protocol protocol, PasskeyPrompts prompts) {
    List<Part> parts = new ArrayList<>();
    if (protocol instanceof Protocol.Sliding) {
      parts.add(new Part(Arrays.copyOfRange(sequence, 0, 64), 1));
      parts.add(new Part(Arrays.copyOfRange(sequence, 20, 84), 44));
      parts.add(new Part(Arrays.copyOfRange(sequence, 40, 90), 44));
    } else if (protocol instanceof Protocol.Chunked) {
      parts.add(new Part(Arrays.copyOfRange(sequence, 0, 40), 1));
      parts.add(new Part(Arrays.copyOfRange(sequence, 40, 80), 1));
      parts.add(new Part(Arrays.copyOfRange(sequence, 80, 85), 1));
    } else if (protocol instanceof Protocol.Needle needle) {
      int[] text =
          prompts.inDocument(sequence, needle.length(), needle.depth(), needle.key()).withAnswer();
      parts.add(new Part(text, text.length - " 17865".length()));
    } else {
      int from = protocol instanceof Protocol.Tail tail ? tail.from() : 1;
      parts.add(new Part(Arrays.copyOf(sequence, protocol.length()), from));
    }
    return parts;
  }

  private static double nll(FamilyReference reference, List<Part> parts, Rescaling rescaling) {
    double sum = 0;
    for (Part part : parts) {
      double[] nll = ReferenceNll.of(reference, part.tokens(), rescaling, AttentionWindow.CONFIG);
      sum += Arrays.stream(nll, part.from() - 1, nll.length).sum();
    }
    return sum;
  }

  @ParameterizedTest
  @MethodSource("protocols")
  void gradient_ofEachProtocol_equalsFiniteDifferencesOfItsTokens(Protocol protocol)
      throws IOException {
    Checkpoint checkpoint = checkpoint();
    int pairs = checkpoint.config().rope().pairs();
    int size = pairs + 1 + HEADS * pairs;
    int[] sequence = tokens(protocol instanceof Protocol.Needle ? 330 : 90);
    FamilyReference reference = FamilyReference.read(directory);
    try (DocumentTokenizer tokenizer = DocumentTokenizer.open(directory);
        ResidentModel model = ResidentModel.load(checkpoint, AttentionWindow.CONFIG, 512)) {
      PasskeyPrompts prompts = new PasskeyPrompts(tokenizer, tokenizer.bosTokenId());
      Evaluator evaluator = new Evaluator(model, prompts);
      Rescaling rescaling = rescaling(pairs, new double[size]);
      DocumentScore actual =
          evaluator.gradient("a", sequence, protocol, rescaling, StopSignal.NEVER);
      DocumentScore score = evaluator.score("a", sequence, protocol, rescaling);
      assertThat(actual.documentId()).isEqualTo("a");
      assertThat(actual.tokens()).isEqualTo(score.tokens());
      assertThat(actual.nll()).isCloseTo(score.nll(), within(1e-6 * score.nll()));
      assertThat(actual.seconds()).isPositive();
      List<Part> parts = parts(sequence, protocol, prompts);
      double[] slopes = slopes(actual.gradient(), pairs);
      double norm = Math.sqrt(Arrays.stream(slopes).map(slope -> slope * slope).sum());
      for (int i : new int[] {0, 1, pairs - 1, pairs, pairs + 1, 2 * pairs + 2, size - 1}) {
        double[] moved = new double[size];
        moved[i] = STEP;
        double above = nll(reference, parts, rescaling(pairs, moved));
        moved[i] = -STEP;
        double below = nll(reference, parts, rescaling(pairs, moved));
        assertThat(slopes[i])
            .as("derivative %d, gradient of norm %s", i, norm)
            .isCloseTo((above - below) / (2 * STEP), within(1e-3 * norm));
      }
    }
  }

  private static double[] slopes(NllGradient gradient, int pairs) {
    assertThat(gradient.isFinite()).isTrue();
    assertThat(gradient.byLogFactors()).hasSize(pairs);
    assertThat(gradient.byQueryScales()).hasSize(HEADS * pairs);
    return Stream.of(
            gradient.byLogFactors(), List.of(gradient.byLogAttention()), gradient.byQueryScales())
        .flatMap(List::stream)
        .mapToDouble(Number::doubleValue)
        .toArray();
  }

  @ParameterizedTest
  @ValueSource(booleans = {false, true})
  void gradient_stopped_ends(boolean sliding) throws IOException {
    Protocol protocol = sliding ? new Protocol.Sliding(64, 20) : new Protocol.Truncated(60);
    try (ResidentModel model = ResidentModel.load(checkpoint(), AttentionWindow.CONFIG, 512)) {
      Rescaling published = model.config().rope().published(60);
      assertThatThrownBy(
              () -> new Evaluator(model).gradient("a", tokens(90), protocol, published, () -> true))
          .isInstanceOf(StoppedException.class);
    }
  }

  @Test
  void gradient_ofTokensThatAreNoneOrForeign_isRejected() throws IOException {
    try (ResidentModel model = ResidentModel.load(checkpoint(), AttentionWindow.CONFIG, 512)) {
      Rescaling published = model.config().rope().published(60);
      Evaluator evaluator = new Evaluator(model);
      Protocol protocol = new Protocol.Truncated(9);
      for (int[] sequence : new int[][] {{1}, {1, VOCABULARY}}) {
        assertThatThrownBy(
                () -> evaluator.gradient("a", sequence, protocol, published, StopSignal.NEVER))
            .isInstanceOf(BadInputException.class);
      }
    }
  }
}
