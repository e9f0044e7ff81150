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
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;
import org.longrope.eval.BadInputException;
import org.longrope.eval.checkpoint.Architecture;
import org.longrope.eval.checkpoint.Checkpoint;
import org.longrope.eval.checkpoint.DType;
import org.longrope.eval.checkpoint.TinyCheckpoints;
import org.longrope.eval.decoder.AttentionWindow;
import org.longrope.eval.decoder.ResidentModel;
import org.longrope.eval.decoder.StopSignal;
import org.longrope.eval.decoder.StoppedException;
import org.longrope.eval.decoder.TestThreads;
import org.longrope.eval.passkey.PasskeyPrompts;
import org.longrope.eval.rope.RescaleFactors;
import org.longrope.eval.rope.Rescaling;
import org.longrope.eval.tokenizer.BytePairTraining;
import org.longrope.eval.tokenizer.DocumentTokenizer;

@Tag("numeric")
class EvaluatorTest {
  @TempDir static Path directory;

  private static final Rescaling RESCALING =
      new Rescaling(RescaleFactors.of(1, 1.5, 2, 2, 3, 3, 4, 4), 2, 1.1);

  private static ResidentModel model;
  private static Evaluator evaluator;

  @BeforeAll
  static void load() {
    TestThreads.use();
    model = ResidentModel.load(Architecture.LLAMA.open(directory, 1), AttentionWindow.CONFIG, 2048);
    evaluator = new Evaluator(model);
  }

  @AfterAll
  static void close() {
    model.close();
  }

  private static int[] tokens(int n) {
    return new Random(n).ints(n, 0, TinyCheckpoints.VOCABULARY).toArray();
  }

  /**
   * Returns the sum of each token's NLL alone, from the window that the protocol defines for it.
   */
  private static double windowByWindow(int[] sequence, int length, int stride) {
    double nll = 0;
    for (int t = 1; t < sequence.length; t++) {
      int begin = 0;
      while (begin + length <= t) {
        begin += stride;
      }
      int end = Math.min(sequence.length, begin + length);
      nll += model.nll(Arrays.copyOfRange(sequence, begin, end), 1, RESCALING)[t - begin - 1];
    }
    return nll;
  }

  @Test
  void score_truncatedLongDocument_scoresAllButTheFirstTokenOfTheWindow() {
    int[] sequence = tokens(90);
    DocumentScore score = evaluator.score("a", sequence, new Protocol.Truncated(60), RESCALING);
    float[] nll = model.nll(Arrays.copyOf(sequence, 60), 1, RESCALING);
    double expected = 0;
    for (float value : nll) {
      expected += value;
    }
    assertThat(score.documentId()).isEqualTo("a");
    assertThat(score.tokens()).isEqualTo(59);
    assertThat(score.nll()).isEqualTo(expected);
    assertThat(score.seconds()).isPositive();
  }

  @ParameterizedTest
  @ValueSource(ints = {2, 40, 60})
  void score_documentWithinTheWindow_isTheSameByBothProtocols(int length) {
    int[] sequence = tokens(length);
    DocumentScore truncated = evaluator.score("a", sequence, new Protocol.Truncated(60), RESCALING);
    DocumentScore sliding = evaluator.score("a", sequence, new Protocol.Sliding(60, 17), RESCALING);
    assertThat(truncated.tokens()).isEqualTo(length - 1);
    assertThat(sliding.tokens()).isEqualTo(length - 1);
    assertThat(sliding.nll()).isEqualTo(truncated.nll());
  }

  @ParameterizedTest
  @CsvSource({"20,1", "20,7", "20,10", "20,19", "2,1", "99,50", "100,99"})
  void score_sliding_scoresEveryTokenOnceInTheFirstWindowThatHasIt(int length, int stride) {
    int[] sequence = tokens(100);
    DocumentScore score =
        evaluator.score("a", sequence, new Protocol.Sliding(length, stride), RESCALING);
    double expected = windowByWindow(sequence, length, stride);
    assertThat(score.tokens()).isEqualTo(99);
    assertThat(score.nll()).isCloseTo(expected, within(1e-6 * expected));
  }

  @ParameterizedTest
  @CsvSource({"60,1", "60,31", "60,59", "200,32"})
  void score_tail_scoresTheTokensFromThereOnAlone(int length, int from) {
    int[] sequence = tokens(90);
    DocumentScore score =
        evaluator.score("a", sequence, new Protocol.Tail(length, from), RESCALING);
    int end = Math.min(length, 90);
    float[] nll = model.nll(Arrays.copyOf(sequence, end), 1, RESCALING);
    double expected = 0;
    for (int t = from; t < end; t++) {
      expected += nll[t - 1];
    }
    assertThat(score.tokens()).isEqualTo(end - from);
    assertThat(score.nll()).isCloseTo(expected, within(1e-6 * expected));
  }

  /** A last window of one token has nothing to score. */
  @ParameterizedTest
  @CsvSource({"30,90,87", "30,91,87", "30,62,59", "30,30,29", "30,200,86", "90,90,89"})
  void score_chunked_scoresAllButTheFirstTokenOfEachWindow(int length, int tokens, int scored) {
    int[] sequence = tokens(tokens == 200 ? 89 : 100);
    DocumentScore score =
        evaluator.score("a", sequence, new Protocol.Chunked(length, tokens), RESCALING);
    double expected = 0;
    int all = Math.min(sequence.length, tokens);
    for (int begin = 0; begin < all - 1; begin += length) {
      int end = Math.min(all, begin + length);
      for (float nll : model.nll(Arrays.copyOfRange(sequence, begin, end), 1, RESCALING)) {
        expected += nll;
      }
    }
    assertThat(score.tokens()).isEqualTo(scored);
    assertThat(score.nll()).isCloseTo(expected, within(1e-6 * expected));
  }

  @Test
  void chunked_shorterThanItsWindow_isRejected() {
    assertThatThrownBy(() -> new Protocol.Chunked(8, 7))
        .isInstanceOf(IllegalArgumentException.class)
        .hasMessage("Cannot divide 7 tokens into windows of 8: expected 8 or more");
  }

  @Test
  void score_documentThatEndsBeforeTheTail_isRejected() {
    assertThatThrownBy(() -> evaluator.score("a", tokens(32), new Protocol.Tail(60, 32), RESCALING))
        .isInstanceOf(BadInputException.class)
        .hasMessage("Document a has 32 tokens: expected more than 32, from where they are scored.");
  }

  @Test
  void score_needle_isThatOfTheKeysTokensAfterThePrompt() throws IOException {
    Path reader = directory.resolve("reader");
    TinyCheckpoints.write(
        reader, TinyCheckpoints.config("llama").put("vocab_size", 257), DType.F32, 1, 51);
    Files.writeString(reader.resolve("tokenizer.json"), new BytePairTraining().tokenizerJson(257));
    Protocol.Needle needle = new Protocol.Needle(320, 0.25, 17_865);
    int[] sequence = tokens(330);
    try (DocumentTokenizer tokenizer = DocumentTokenizer.open(reader);
        ResidentModel readingModel =
            ResidentModel.load(Checkpoint.open(reader), AttentionWindow.CONFIG, 512)) {
      Rescaling rescaling =
          new Rescaling(RescaleFactors.uniform(readingModel.config().rope().pairs(), 2.5), 4, 1.1);
      Evaluator reading =
          new Evaluator(readingModel, new PasskeyPrompts(tokenizer, tokenizer.bosTokenId()));
      DocumentScore score = reading.score("a", sequence, needle, rescaling);
      int[] text =
          new PasskeyPrompts(tokenizer, tokenizer.bosTokenId())
              .inDocument(sequence, 320, 0.25, 17_865)
              .withAnswer();
      assertThat(text).hasSize(320);
      float[] nll = readingModel.nll(text, 1, rescaling);
      double expected = 0;
      for (int t = 320 - " 17865".length(); t < 320; t++) {
        expected += nll[t - 1];
      }
      assertThat(score.tokens()).isEqualTo(6);
      assertThat(score.nll()).isCloseTo(expected, within(1e-6 * expected));
      assertThat(reading.score("a", sequence, new Protocol.Truncated(60), rescaling).nll())
          .isEqualTo(
              new Evaluator(readingModel)
                  .score("a", sequence, new Protocol.Truncated(60), rescaling)
                  .nll());
      assertThatThrownBy(() -> reading.score("a", tokens(20), needle, rescaling))
          .isInstanceOf(BadInputException.class)
          .hasMessageContaining("a document that has 20");
      assertThatThrownBy(() -> reading.score("a", sequence, needle, rescaling, () -> true))
          .isInstanceOf(StoppedException.class);
    }
  }

  @Test
  void needle_invalidDepthOrKey_isRejected() {
    assertThatThrownBy(() -> new Protocol.Needle(320, 1.01, 12_345)).hasMessageContaining("1.01");
    assertThatThrownBy(() -> new Protocol.Needle(320, Double.NaN, 12_345))
        .hasMessageContaining("NaN");
    assertThatThrownBy(() -> new Protocol.Needle(320, 0.5, 1234)).hasMessageContaining("1234");
    Protocol.Needle needle = new Protocol.Needle(320, 0.5, 12_345);
    assertThatThrownBy(() -> evaluator.score("a", tokens(320), needle, RESCALING))
        .isInstanceOf(IllegalStateException.class)
        .hasMessageContaining("tokenizer");
  }

  @ParameterizedTest
  @ValueSource(booleans = {false, true})
  void score_longDocument_reportsProgress(boolean sliding) {
    List<Double> shares = new ArrayList<>();
    Protocol protocol = sliding ? new Protocol.Sliding(64, 16) : new Protocol.Truncated(256);
    evaluator.score("a", tokens(256), protocol, RESCALING, StopSignal.of(() -> false, shares::add));
    assertThat(shares).isSorted().hasSizeGreaterThan(2);
    assertThat(shares.get(0)).isBetween(0.0, 0.1);
    assertThat(shares.get(shares.size() - 1)).isBetween(0.5, 1.0);
  }

  @ParameterizedTest
  @ValueSource(ints = {-1, TinyCheckpoints.VOCABULARY, Integer.MAX_VALUE})
  void score_idOutsideTheVocabulary_isRejected(int id) {
    int[] sequence = {1, 2, id, 3};
    for (Protocol protocol :
        List.of(new Protocol.Truncated(4), new Protocol.Sliding(3, 2), new Protocol.Tail(4, 1))) {
      assertThatThrownBy(() -> evaluator.score("book 7", sequence, protocol, RESCALING))
          .isInstanceOf(BadInputException.class)
          .hasMessage(
              "Token 2 of document book 7 has id %d: expected 0 to 63, the model's vocabulary;"
                  + " tokenise with this model's tokenizer.",
              id);
    }
  }

  @ParameterizedTest
  @ValueSource(ints = {0, 1})
  void score_nothingToScore_isRejected(int length) {
    assertThatThrownBy(
            () -> evaluator.score("a", tokens(length), new Protocol.Truncated(9), RESCALING))
        .isInstanceOf(BadInputException.class)
        .hasMessage(
            "Document a has %d tokens: expected 2 or more, because the first token has"
                + " none before it.",
            length);
  }

  @ParameterizedTest
  @CsvSource({"8,0", "8,-1", "8,8", "8,9"})
  void sliding_strideThatWouldLeaveTokensOut_isRejected(int length, int stride) {
    assertThatThrownBy(() -> new Protocol.Sliding(length, stride))
        .isInstanceOf(IllegalArgumentException.class)
        .hasMessage("Cannot slide a window of 8 tokens by %d: expected a stride of 1 to 7", stride);
  }

  @ParameterizedTest
  @CsvSource({"8,0", "8,-1", "8,8", "8,9"})
  void tail_withNothingBeforeOrInIt_isRejected(int length, int from) {
    assertThatThrownBy(() -> new Protocol.Tail(length, from))
        .isInstanceOf(IllegalArgumentException.class)
        .hasMessage("Cannot score 8 tokens from position %d: expected 1 to 7", from);
  }

  @ParameterizedTest
  @ValueSource(ints = {1, 0, -5})
  void protocol_windowWithNothingToScore_isRejected(int length) {
    String message = "Cannot measure perplexity of " + length + " tokens: expected 2 or more";
    assertThatThrownBy(() -> new Protocol.Truncated(length)).hasMessage(message);
    assertThatThrownBy(() -> new Protocol.Sliding(length, 1)).hasMessage(message);
    assertThatThrownBy(() -> new Protocol.Tail(length, 1)).hasMessage(message);
    assertThatThrownBy(() -> new Protocol.Chunked(length, 8)).hasMessage(message);
    assertThatThrownBy(() -> new Protocol.Needle(length, 0, 12_345)).hasMessage(message);
  }

  @Test
  void scorePrefixes_ofOnePass_areThoseOfTheirOwnPasses() {
    int[] sequence = tokens(150);
    List<Integer> lengths = List.of(2, 3, 64, 149, 150, 400);
    List<DocumentScore> scores =
        evaluator.scorePrefixes("a", sequence, lengths, RESCALING, StopSignal.NEVER);
    assertThat(scores).hasSameSizeAs(lengths);
    for (int i = 0; i < lengths.size(); i++) {
      DocumentScore alone =
          evaluator.score("a", sequence, new Protocol.Truncated(lengths.get(i)), RESCALING);
      assertThat(scores.get(i).tokens()).isEqualTo(alone.tokens());
      assertThat(scores.get(i).nll()).isCloseTo(alone.nll(), within(1e-6 * alone.nll()));
    }
  }

  @Test
  void score_stopped_endsAtOnce() {
    for (Protocol protocol : List.of(new Protocol.Truncated(60), new Protocol.Sliding(60, 17))) {
      assertThatThrownBy(() -> evaluator.score("a", tokens(100), protocol, RESCALING, () -> true))
          .isInstanceOf(StoppedException.class);
    }
  }

  @Test
  void perplexity_documentsOfSeveralLengths_isWeightedByToken() {
    List<DocumentScore> scores =
        List.of(new DocumentScore("a", 30, 10, 1), new DocumentScore("b", 30, 90, 1));
    assertThat(DocumentScore.perplexity(scores)).isCloseTo(Math.exp(0.6), within(1e-12));
  }
}
