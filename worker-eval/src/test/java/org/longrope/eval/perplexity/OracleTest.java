package org.longrope.eval.perplexity;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.within;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.json.JsonMapper;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.stream.Stream;
import java.util.stream.StreamSupport;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.condition.EnabledIfEnvironmentVariable;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.Arguments;
import org.junit.jupiter.params.provider.MethodSource;
import org.longrope.eval.checkpoint.Checkpoint;
import org.longrope.eval.decoder.AttentionWindow;
import org.longrope.eval.decoder.ResidentModel;
import org.longrope.eval.decoder.TestThreads;
import org.longrope.eval.family.DecoderSpec;
import org.longrope.eval.rope.RescaleFactors;
import org.longrope.eval.rope.Rescaling;
import org.longrope.eval.rope.RopeMethod;
import org.longrope.eval.tokenizer.DocumentTokenizer;

/**
 * Tests against the results of an independent program in float64. Results, models and documents are
 * outside of the repository: LONGROPE_DATA names their folder. Sums must agree to 1e-6, as they do
 * with every instruction set that libtorch knows, and single tokens to 1e-4.
 */
@Tag("numeric")
@EnabledIfEnvironmentVariable(named = "LONGROPE_DATA", matches = ".+")
class OracleTest {
  private static final Map<String, ResidentModel> MODELS = new HashMap<>();
  private static final Map<String, int[]> DOCUMENTS = new HashMap<>();

  @BeforeAll
  static void useTestThreads() {
    TestThreads.use();
  }

  @AfterAll
  static void close() {
    MODELS.values().forEach(ResidentModel::close);
  }

  private static Path data() {
    return Path.of(System.getenv("LONGROPE_DATA"));
  }

  private static JsonNode answers(String file) throws IOException {
    return new JsonMapper().readTree(data().resolve("oracle").resolve(file).toFile());
  }

  private static Stream<Arguments> cases(String file) throws IOException {
    return StreamSupport.stream(answers(file).get("cases").spliterator(), false)
        .map(
            answer ->
                Arguments.of(
                    String.join(
                        " ",
                        answer.get("model").asText(),
                        answer.path("document").asText(),
                        answer.path("method").asText(),
                        answer.path("attention_window").asText(),
                        answer.get("tokens").asText(),
                        answer.get("start_tokens").asText()),
                    answer));
  }

  static Stream<Arguments> documents() throws IOException {
    return cases("answers.json");
  }

  static Stream<Arguments> zoo() throws IOException {
    return cases("zoo/answers.json");
  }

  private static ResidentModel model(Path directory, String window) {
    return MODELS.computeIfAbsent(
        directory + " " + window,
        key -> ResidentModel.load(Checkpoint.open(directory), AttentionWindow.parse(window), 2048));
  }

  private static int[] ids(Path model, String document) {
    return DOCUMENTS.computeIfAbsent(
        model.getFileName() + " " + document,
        key -> {
          try (DocumentTokenizer tokenizer = DocumentTokenizer.open(model)) {
            assertThat(tokenizer.bosTokenId()).hasValue(1);
            return tokenizer.encode(Files.readString(data().resolve(document)));
          } catch (IOException e) {
            throw new java.io.UncheckedIOException(e);
          }
        });
  }

  private static Rescaling rescaling(JsonNode answer) {
    List<Double> factors = new ArrayList<>();
    answer.get("rescale_factors").forEach(factor -> factors.add(factor.asDouble()));
    return new Rescaling(
        RescaleFactors.of(factors),
        answer.get("start_tokens").asInt(),
        answer.get("attention_factor").asDouble());
  }

  private static void assertAnswered(ResidentModel model, int[] sequence, JsonNode answer) {
    Rescaling rescaling = rescaling(answer);
    DocumentScore score =
        new Evaluator(model)
            .score("oracle", sequence, new Protocol.Truncated(sequence.length), rescaling);
    assertThat(score.tokens()).isEqualTo(answer.get("tokens").asLong());
    double expected = answer.get("nll_sum").asDouble();
    assertThat(score.nll()).isCloseTo(expected, within(1e-6 * expected));
    float[] nll = model.nll(sequence, 1, rescaling);
    JsonNode first = answer.get("first");
    JsonNode last = answer.get("last");
    for (int i = 0; i < first.size(); i++) {
      assertThat((double) nll[i]).isCloseTo(first.get(i).asDouble(), within(1e-4));
    }
    for (int i = 0; i < last.size(); i++) {
      assertThat((double) nll[nll.length - last.size() + i])
          .isCloseTo(last.get(i).asDouble(), within(1e-4));
    }
  }

  @ParameterizedTest(name = "{0}")
  @MethodSource("documents")
  void score_document_equalsTheOracle(String name, JsonNode answer) throws IOException {
    Path directory = data().resolve("models").resolve(answer.get("model").asText());
    String document = answer.get("document").asText();
    int[] ids = ids(directory, document);
    JsonNode expected =
        answers("answers.json").get("token_ids").get(directory.getFileName() + " " + document);
    assertThat(expected.size()).isEqualTo(64);
    for (int i = 0; i < expected.size(); i++) {
      assertThat(ids[i]).as("token %d", i).isEqualTo(expected.get(i).asInt());
    }
    int length = answer.get("length").asInt();
    int[] sequence = new int[length];
    sequence[0] = 1;
    System.arraycopy(ids, 0, sequence, 1, length - 1);
    ResidentModel model = model(directory, "config");
    assertFactors(model.config(), answer, length);
    assertAnswered(model, sequence, answer);
  }

  private static void assertFactors(DecoderSpec config, JsonNode answer, int length) {
    String method = answer.get("method").asText();
    if (method.equals("factors")) {
      return;
    }
    RescaleFactors formula = RopeMethod.parse(method).factors(config.rope(), length, length);
    assertThat(formula.toArray())
        .containsExactly(rescaling(answer).factors().toArray(), within(1e-12));
  }

  @ParameterizedTest(name = "{0}")
  @MethodSource("zoo")
  void score_zooModel_equalsTheOracle(String name, JsonNode answer) {
    Path directory = data().resolve("oracle/zoo").resolve(answer.get("model").asText());
    int[] sequence =
        StreamSupport.stream(answer.get("token_ids").spliterator(), false)
            .mapToInt(JsonNode::asInt)
            .toArray();
    assertAnswered(model(directory, answer.get("attention_window").asText()), sequence, answer);
  }
}
