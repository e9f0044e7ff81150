package org.longrope.driver.run.results;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.node.ObjectNode;
import java.util.List;
import java.util.Locale;
import org.junit.jupiter.api.Test;
import org.longrope.eval.rope.RescaleFactors;

class SummaryTableTest {
  private static final SummaryTable TABLE =
      new SummaryTable(
          2048,
          256,
          "ppl",
          List.of(
              new SummaryTable.Row("none", RescaleFactors.of(1, 1), 0, 1, 123_456.78, 99.5, 5.5),
              new SummaryTable.Row("pi", RescaleFactors.of(8, 8), 0, 1, Double.NaN, null, 9.25),
              new SummaryTable.Row("dynamic-ntk", null, 0, 1, 3.2e9, null, null),
              new SummaryTable.Row(
                  "found", RescaleFactors.of(1.01, 7.5), 16, 1.17254, 6.25, 6.5, 5.75)));

  @Test
  void text_fourMethods_isAlignedWithAStarOnTheBest() {
    Locale before = Locale.getDefault();
    Locale.setDefault(Locale.GERMANY);
    try {
      assertThat(TABLE.toTable().toText())
          .isEqualTo(
              """
              method       rescale factors  start tokens  attention factor  ppl at 2,048  held out  ppl at 256
              none         1.00                        0            1.0000     123,456.8    99.500       5.500
              pi           8.00                        0            1.0000             -         -       9.250
              dynamic-ntk  -                           0            1.0000     3.200e+09         -           -
              found        1.01 to 7.50               16            1.1725       * 6.250     6.500       5.750
              """);
    } finally {
      Locale.setDefault(before);
    }
  }

  @Test
  void text_nothingMeasured_hasNoStar() {
    SummaryTable table =
        new SummaryTable(
            16, 8, "key ppl", List.of(new SummaryTable.Row("none", null, 0, 1, null, null, null)));

    assertThat(table.toTable().toText())
        .doesNotContain("*")
        .contains("key ppl at 16  held out  ppl at 8");
    assertThat(SummaryTable.fromJson(table.toJson())).isEqualTo(table);
  }

  @Test
  void json_fourMethods_keepsFactorsAndHasNoNaN() {
    JsonNode json = TABLE.toJson();

    assertThat(json.get("target_length").asInt()).isEqualTo(2048);
    assertThat(json.at("/methods/3/rescale_factors").toString()).isEqualTo("[1.01,7.5]");
    assertThat(json.at("/methods/3/start_tokens").asInt()).isEqualTo(16);
    assertThat(json.at("/methods/1/target_perplexity").isNull()).isTrue();
    assertThat(json.at("/methods/2/rescale_factors").isNull()).isTrue();
  }

  @Test
  void json_readAgain_equalsTheTable() {
    SummaryTable read = SummaryTable.fromJson(TABLE.toJson());
    assertThat(read.toJson()).isEqualTo(TABLE.toJson());
    assertThat(read.toTable().toText()).isEqualTo(TABLE.toTable().toText());
  }

  @Test
  void json_ofAnOlderRun_isOfPerplexity() {
    ObjectNode json = TABLE.toJson();
    json.remove("measured");
    assertThat(SummaryTable.fromJson(json).toJson()).isEqualTo(TABLE.toJson());
  }

  @Test
  void json_withoutAField_isRefused() {
    ObjectNode json = TABLE.toJson();
    ((ObjectNode) json.path("methods").get(0)).remove("held_out_perplexity");
    assertThatThrownBy(() -> SummaryTable.fromJson(json))
        .isInstanceOf(IllegalArgumentException.class)
        .hasMessageContaining("held_out_perplexity");
  }
}
