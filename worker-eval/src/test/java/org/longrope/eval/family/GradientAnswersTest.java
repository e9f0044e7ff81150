package org.longrope.eval.family;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.within;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.json.JsonMapper;
import java.io.IOException;
import java.nio.file.Path;
import java.util.List;
import java.util.stream.Stream;
import java.util.stream.StreamSupport;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.condition.EnabledIfEnvironmentVariable;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.Arguments;
import org.junit.jupiter.params.provider.MethodSource;
import org.longrope.eval.checkpoint.Checkpoint;
import org.longrope.eval.decoder.AttentionWindow;
import org.longrope.eval.decoder.ResidentModel;
import org.longrope.eval.decoder.SequenceGradient;
import org.longrope.eval.decoder.StopSignal;
import org.longrope.eval.decoder.TestThreads;
import org.longrope.eval.rope.RescaleFactors;
import org.longrope.eval.rope.Rescaling;

/**
 * Tests of gradients of all families against autograd of transformers in float64. Checkpoints and
 * answers are outside of the repository: LONGROPE_DATA names their folder. The difference must be
 * at most 1e-3 of the gradient's norm.
 */
@Tag("numeric")
@EnabledIfEnvironmentVariable(named = "LONGROPE_DATA", matches = ".+")
class GradientAnswersTest {
  private static final double TOLERANCE = 1e-3;

  @BeforeAll
  static void useTestThreads() {
    TestThreads.use();
  }

  private static Path families() {
    return Path.of(System.getenv("LONGROPE_DATA")).resolve("families");
  }

  /** Groups the cases by checkpoint. */
  static Stream<Arguments> checkpoints() throws IOException {
    JsonNode cases =
        new JsonMapper().readTree(families().resolve("gradients.json").toFile()).get("cases");
    return StreamSupport.stream(cases.spliterator(), false)
        .map(answer -> answer.get("model").asText())
        .distinct()
        .map(model -> Arguments.of(model, of(model, cases)));
  }

  private static List<JsonNode> of(String model, JsonNode cases) {
    return StreamSupport.stream(cases.spliterator(), false)
        .filter(answer -> answer.get("model").asText().equals(model))
        .toList();
  }

  @ParameterizedTest(name = "{0}")
  @MethodSource("checkpoints")
  void gradient_ofACheckpoint_equalsTransformers(String name, List<JsonNode> cases) {
    Checkpoint checkpoint = Checkpoint.open(families().resolve(name));
    try (ResidentModel model = ResidentModel.load(checkpoint, AttentionWindow.CONFIG, 2048)) {
      for (JsonNode answer : cases) {
        assertThat(answer.get("attention_window").asText()).isEqualTo("config");
        JsonNode given = answer.get("rescaling");
        Rescaling rescaling =
            new Rescaling(
                RescaleFactors.of(doubles(given.get("rescale_factors"))),
                given.get("start_tokens").asInt(),
                given.get("attention_factor").asDouble());
        int[] tokens =
            StreamSupport.stream(answer.get("token_ids").spliterator(), false)
                .mapToInt(JsonNode::asInt)
                .toArray();
        SequenceGradient actual = model.gradient(tokens, 1, rescaling, StopSignal.NEVER);
        assertAnswered(answer, actual);
      }
    }
  }

  private static void assertAnswered(JsonNode answer, SequenceGradient actual) {
    double nll = 0;
    for (float value : actual.nll()) {
      nll += value;
    }
    double expectedNll = answer.get("nll_sum").asDouble();
    assertThat(nll).isCloseTo(expectedNll, within(1e-5 * expectedNll));
    double[] byFactors = doubles(answer.get("gradient").get("log_rescale_factors"));
    double byAttention = answer.get("gradient").get("log_attention_factor").asDouble();
    assertThat(actual.byLogFactors()).hasSameSizeAs(byFactors);
    double norm = byAttention * byAttention;
    double difference = Math.pow(actual.byLogAttention() - byAttention, 2);
    for (int i = 0; i < byFactors.length; i++) {
      norm += byFactors[i] * byFactors[i];
      difference += Math.pow(actual.byLogFactors()[i] - byFactors[i], 2);
    }
    assertThat(Math.sqrt(difference / norm))
        .as("%s tokens, gradient of norm %s", answer.get("length"), Math.sqrt(norm))
        .isLessThan(TOLERANCE);
  }

  private static double[] doubles(JsonNode values) {
    return StreamSupport.stream(values.spliterator(), false)
        .mapToDouble(JsonNode::asDouble)
        .toArray();
  }
}
