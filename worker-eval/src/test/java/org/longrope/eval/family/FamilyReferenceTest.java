package org.longrope.eval.family;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.withinPercentage;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.json.JsonMapper;
import java.io.IOException;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.stream.Stream;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.condition.EnabledIfEnvironmentVariable;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.Arguments;
import org.junit.jupiter.params.provider.MethodSource;

/**
 * Tests the reference itself against the float64 answers of another implementation. They are
 * outside of the repository: LONGROPE_DATA names their folder.
 */
@EnabledIfEnvironmentVariable(named = "LONGROPE_DATA", matches = ".+")
class FamilyReferenceTest {
  private static final double PERCENT = 1e-8 * 100;

  private static Path folder() {
    return Path.of(System.getenv("LONGROPE_DATA")).resolve("families");
  }

  static Stream<Arguments> models() throws IOException {
    JsonNode answers = new JsonMapper().readTree(folder().resolve("answers.json").toFile());
    Map<String, List<JsonNode>> models = new LinkedHashMap<>();
    answers.get("cases").forEach(answer -> add(models, answer));
    answers
        .get("traps")
        .forEach(trap -> trap.at("/transformers/cases").forEach(answer -> add(models, answer)));
    return models.entrySet().stream().map(model -> Arguments.of(model.getKey(), model.getValue()));
  }

  private static void add(Map<String, List<JsonNode>> models, JsonNode answer) {
    models.computeIfAbsent(answer.get("model").textValue(), name -> new ArrayList<>()).add(answer);
  }

  @ParameterizedTest(name = "{0}")
  @MethodSource("models")
  void computesTheAnswers(String model, List<JsonNode> answers) {
    FamilyReference reference = FamilyReference.read(folder().resolve(model));

    for (JsonNode answer : answers) {
      int[] tokens = new JsonMapper().convertValue(answer.get("token_ids"), int[].class);
      JsonNode rescaling = answer.get("rescaling");
      double[] nll =
          reference.nll(
              tokens,
              factors(rescaling),
              rescaling.path("start_tokens").intValue(),
              rescaling.path("attention_factor").asDouble(1),
              answer.get("attention_window").textValue().equals("none") ? 0 : null);
      check(nll, answer);
    }
  }

  private static double @Nullable [] factors(JsonNode rescaling) {
    return rescaling.get("kind").textValue().equals("none")
        ? null
        : new JsonMapper().convertValue(rescaling.get("rescale_factors"), double[].class);
  }

  private static void check(double[] nll, JsonNode answer) {
    double sum = 0;
    for (double value : nll) {
      sum += value;
    }
    assertThat(sum).isCloseTo(answer.get("nll_sum").doubleValue(), withinPercentage(PERCENT));
    checkSome(nll, 0, answer.get("first"));
    checkSome(nll, nll.length - answer.get("last").size(), answer.get("last"));
  }

  private static void checkSome(double[] nll, int from, JsonNode expected) {
    for (int i = 0; i < expected.size(); i++) {
      assertThat(nll[from + i]).isCloseTo(expected.get(i).doubleValue(), withinPercentage(PERCENT));
    }
  }
}
