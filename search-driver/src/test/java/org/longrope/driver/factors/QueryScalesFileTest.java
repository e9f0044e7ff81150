package org.longrope.driver.factors;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatCode;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.node.ArrayNode;
import com.fasterxml.jackson.databind.node.ObjectNode;
import java.util.Random;
import java.util.function.Consumer;
import org.junit.jupiter.api.Test;
import org.longrope.eval.BadInputException;
import org.longrope.eval.Json;
import org.longrope.eval.rope.QueryScales;
import org.longrope.eval.rope.RescaleFactors;
import org.longrope.eval.rope.Rescaling;
import org.longrope.eval.rope.RopeGeometry;

class QueryScalesFileTest {
  private static final RopeGeometry ROPE = new RopeGeometry(4, 10_000, 256);
  private static final QueryScales SCALES =
      QueryScales.ofLogs(2, 1, 2, new int[] {0, 223_144, -105_361, 1});

  @Test
  void json_ofASetWithScales_hasARopeTypeThatReadersWithoutScalesRefuse() {
    assertThat(FactorFile.print(set(SCALES)))
        .isEqualTo(
            """
            {
              "rope_type": "longrope_query_scales",
              "long_factor": [1.0, 4.0],
              "short_factor": [1.0, 1.0],
              "factor": 8.0,
              "attention_factor": 1.125,
              "original_max_position_embeddings": 256,
              "longrope": {
                "start_tokens": 4,
                "target_length": 2048,
                "query_scales": {
                  "layers": 2,
                  "heads": 1,
                  "scales": [1.0, 1.25000056, 0.899999564, 1.000001]
                }
              }
            }
            """);
  }

  @Test
  void json_ofManyScales_readsBackToTheSameMillionths() {
    Random random = new Random(5);
    int[] millionths = random.ints(2 * 3 * 1000, -6_907_755, 6_907_756).toArray();
    QueryScales scales = QueryScales.ofLogs(2, 3, 1000, millionths);
    FactorSet set = FactorSet.of(RescaleFactors.uniform(1000, 2)).withQueryScales(scales);

    FactorSet read = parse(FactorFile.print(set));

    assertThat(read.queryScales().millionths()).containsExactly(millionths);
    assertThat(read.withAttentionFactor(2).queryScales()).isEqualTo(scales);
    assertThat(read.withLengths(256, 2).relativeTo(new RopeGeometry(2000, 1e4, 256)).queryScales())
        .isEqualTo(scales);
  }

  @Test
  void json_ofASetWithoutScales_isThatOfEarlierVersions() {
    assertThat(FactorFile.print(set(SCALES).withQueryScales(QueryScales.NONE)))
        .contains("\"rope_type\": \"longrope\"")
        .doesNotContain("query_scales");
  }

  @Test
  void rescaling_ofAFileWithScales_hasThemUnlessTheyAreLeftOut() {
    FactorFile file = FactorFile.parse("f", FactorFile.print(set(SCALES)), warning -> {});

    assertThat(RescalingRequest.of(file).at(2048, ROPE).queryScales()).isEqualTo(SCALES);
    assertThat(RescalingRequest.of(file.withoutQueryScales()).at(2048, ROPE).queryScales())
        .isEqualTo(QueryScales.NONE);
  }

  @Test
  void read_damagedSection_saysWhatIsWrongWithIt() {
    assertRefused(own -> own.remove("query_scales"), "longrope.query_scales is no object");
    assertRefused(section(node -> node.put("layers", 0)), "query_scales.layers is 0; expected a");
    assertRefused(section(node -> node.remove("heads")), "query_scales.heads is missing; expected");
    assertRefused(
        section(node -> node.put("layers", 3)),
        "has 4 numbers; expected layers × heads × pairs = 3 × 1 × 2 numbers");
    assertRefused(section(node -> node.put("scales", 1)), "query_scales.scales is no list");
    assertRefused(
        section(node -> ((ArrayNode) node.get("scales")).set(1, "x")),
        "query_scales.scales[1] is \"x\"; expected a number from 0.001 to 1000");
    assertRefused(
        section(node -> ((ArrayNode) node.get("scales")).set(3, 0)),
        "query_scales.scales[3] is 0; expected a number from 0.001 to 1000");
  }

  @Test
  void read_scalesUnderAnotherRopeType_areRefused() {
    ObjectNode json = json();
    json.put("rope_type", "longrope");

    assertThatThrownBy(() -> parse(Json.pretty(json)))
        .isInstanceOf(BadInputException.class)
        .hasMessageContaining("rope_type \"longrope\"; expected \"longrope_query_scales\"");
  }

  @Test
  void read_configWithScales_isRefusedBecauseAnExportedModelHasThemInItsWeights() {
    ObjectNode rope = json();
    JsonNode own = rope.remove("longrope");
    ObjectNode config = Json.readObject("{\"model_type\": \"llama\"}", "", "");
    config.set("rope_scaling", rope);
    config.set("longrope", own);

    assertThatThrownBy(() -> parse(Json.pretty(config)))
        .isInstanceOf(BadInputException.class)
        .hasMessageContaining("which only a factors.json can have");
  }

  private static Consumer<ObjectNode> section(Consumer<ObjectNode> change) {
    return own -> change.accept((ObjectNode) own.get("query_scales"));
  }

  private static void assertRefused(Consumer<ObjectNode> damage, String sentence) {
    ObjectNode json = json();
    damage.accept((ObjectNode) json.get("longrope"));
    assertThatThrownBy(() -> parse(Json.pretty(json)))
        .isInstanceOf(BadInputException.class)
        .hasMessageStartingWith("Cannot read factors from f: ")
        .hasMessageContaining(sentence);
  }

  @Test
  void rescalesNothing_withScalesOfOne_isTrueAndOtherwiseFalse() {
    FactorSet none =
        new FactorSet(RescaleFactors.uniform(2, 1), 0, 1.0, 1.0, 256, null, null, null);

    assertThat(none.withQueryScales(QueryScales.ones(1, 1, 2)).rescalesNothing()).isTrue();
    assertThat(none.withQueryScales(SCALES).rescalesNothing()).isFalse();
  }

  @Test
  void set_ofScalesOfOtherPairs_isRefused() {
    assertThatThrownBy(() -> set(QueryScales.ones(1, 1, 3)))
        .isInstanceOf(IllegalArgumentException.class)
        .hasMessageContaining("2 pairs and query scales of 3");
    assertThatCode(() -> set(QueryScales.NONE)).doesNotThrowAnyException();
  }

  private static FactorSet set(QueryScales scales) {
    return FactorSet.of(new Rescaling(RescaleFactors.of(1, 4), 4, 1.125, scales), ROPE, 2048, null);
  }

  private static ObjectNode json() {
    return Json.readObject(FactorFile.print(set(SCALES)), "", "");
  }

  private static FactorSet parse(String text) {
    return FactorFile.parse("f", text, warning -> {}).longest();
  }
}
