package org.longrope.eval.family;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.fail;
import static org.assertj.core.api.Assertions.within;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.json.JsonMapper;
import java.io.IOException;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.stream.Collectors;
import java.util.stream.Stream;
import java.util.stream.StreamSupport;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.condition.EnabledIfEnvironmentVariable;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.Arguments;
import org.junit.jupiter.params.provider.MethodSource;
import org.longrope.eval.BadInputException;
import org.longrope.eval.checkpoint.Checkpoint;
import org.longrope.eval.decoder.AttentionWindow;
import org.longrope.eval.decoder.ResidentModel;
import org.longrope.eval.decoder.TestThreads;
import org.longrope.eval.rope.RescaleFactors;
import org.longrope.eval.rope.Rescaling;

/**
 * Tests of all families against answers of transformers in float64. Checkpoints and answers are
 * outside of the repository: LONGROPE_DATA names their folder. Sums must agree to 1e-5.
 */
@Tag("numeric")
@EnabledIfEnvironmentVariable(named = "LONGROPE_DATA", matches = ".+")
class FamilyAnswersTest {
  private static final double TOLERANCE = 1e-5;

  @BeforeAll
  static void useTestThreads() {
    TestThreads.use();
  }

  private static Path families() {
    return Path.of(System.getenv("LONGROPE_DATA")).resolve("families");
  }

  private static JsonNode answers() throws IOException {
    return new JsonMapper().readTree(families().resolve("answers.json").toFile());
  }

  /** Groups the cases by checkpoint. */
  static Stream<Arguments> checkpoints() throws IOException {
    JsonNode cases = answers().get("cases");
    return StreamSupport.stream(cases.spliterator(), false)
        .map(answer -> answer.get("model").asText())
        .distinct()
        .map(model -> Arguments.of(model, of(model, cases)));
  }

  static Stream<Arguments> traps() throws IOException {
    return StreamSupport.stream(answers().get("traps").spliterator(), false)
        .map(trap -> Arguments.of(trap.get("name").asText(), trap.get("transformers")));
  }

  private static List<JsonNode> of(String model, JsonNode cases) {
    return StreamSupport.stream(cases.spliterator(), false)
        .filter(answer -> answer.get("model").asText().equals(model))
        .toList();
  }

  @ParameterizedTest(name = "{0}")
  @MethodSource("checkpoints")
  void nll_ofACheckpoint_equalsTransformers(String model, List<JsonNode> cases) {
    Checkpoint checkpoint = Checkpoint.open(families().resolve(model));
    assertThat(cases).isNotEmpty();
    assertAnswered(checkpoint, cases);
  }

  @ParameterizedTest(name = "{0}")
  @MethodSource("traps")
  void nll_ofATrap_equalsTransformersOrIsRefused(String name, JsonNode transformers) {
    Checkpoint checkpoint;
    try {
      checkpoint = Checkpoint.open(families().resolve(name));
    } catch (BadInputException e) {
      assertThat(e.getMessage()).contains("expected").doesNotContain("\n");
      return;
    }
    if (!transformers.get("outcome").asText().equals("computes")) {
      fail("Computes a model that transformers does not: %s", transformers.path("error").asText());
    }
    assertAnswered(
        checkpoint, StreamSupport.stream(transformers.get("cases").spliterator(), false).toList());
  }

  private static void assertAnswered(Checkpoint checkpoint, List<JsonNode> cases) {
    Map<String, List<JsonNode>> byWindow =
        cases.stream()
            .collect(Collectors.groupingBy(answer -> answer.get("attention_window").asText()));
    byWindow.forEach(
        (window, answers) -> {
          int longest =
              answers.stream().mapToInt(answer -> tokens(answer).length).max().orElseThrow();
          try (ResidentModel model =
              ResidentModel.load(checkpoint, AttentionWindow.parse(window), longest)) {
            answers.forEach(answer -> assertAnswered(model, answer));
          }
        });
  }

  private static void assertAnswered(ResidentModel model, JsonNode answer) {
    int[] tokens = tokens(answer);
    float[] nll = model.nll(tokens, 1, rescaling(model, answer, tokens.length));
    String what = answer.path("rescaling").path("kind").asText() + ", " + tokens.length + " tokens";
    double expected = answer.get("nll_sum").asDouble();
    double sum = 0;
    for (float value : nll) {
      sum += value;
    }
    assertThat(sum).as(what).isCloseTo(expected, within(TOLERANCE * expected));
    JsonNode first = answer.get("first");
    JsonNode last = answer.get("last");
    for (int i = 0; i < first.size(); i++) {
      assertThat((double) nll[i]).as(what).isCloseTo(first.get(i).asDouble(), within(1e-4));
    }
    for (int i = 0; i < last.size(); i++) {
      assertThat((double) nll[nll.length - last.size() + i])
          .as(what)
          .isCloseTo(last.get(i).asDouble(), within(1e-4));
    }
  }

  private static int[] tokens(JsonNode answer) {
    JsonNode ids = answer.get("token_ids");
    int[] tokens = new int[ids.size()];
    for (int i = 0; i < tokens.length; i++) {
      tokens[i] = ids.get(i).asInt();
    }
    return tokens;
  }

  private static Rescaling rescaling(ResidentModel model, JsonNode answer, int length) {
    JsonNode given = answer.get("rescaling");
    if (given.get("kind").asText().equals("none")) {
      return model.config().rope().published(length);
    }
    List<Double> factors = new ArrayList<>();
    given.get("rescale_factors").forEach(factor -> factors.add(factor.asDouble()));
    return new Rescaling(
        RescaleFactors.of(factors),
        given.get("start_tokens").asInt(),
        given.get("attention_factor").asDouble());
  }
}
