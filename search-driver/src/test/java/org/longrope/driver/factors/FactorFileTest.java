package org.longrope.driver.factors;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.assertj.core.api.Assertions.within;

import com.fasterxml.jackson.databind.ObjectMapper;
import com.fasterxml.jackson.databind.node.ObjectNode;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;
import org.longrope.eval.BadInputException;
import org.longrope.eval.decoder.AttentionWindow;
import org.longrope.eval.rope.RescaleFactors;
import org.longrope.eval.rope.Rescaling;
import org.longrope.eval.rope.RopeGeometry;
import org.longrope.eval.rope.RopeScaling;

class FactorFileTest {
  private final List<String> warnings = new ArrayList<>();

  @Test
  void json_ofAFoundSet_isExactlyThisText() throws IOException {
    ObjectNode provenance = new ObjectMapper().createObjectNode().put("seed", 42);
    FactorSet found =
        FactorSet.of(
            new Rescaling(RescaleFactors.of(1, 1.5, 8), 4, 1.125),
            new RopeGeometry(6, 10_000, 256),
            2048,
            provenance);

    String json = FactorFile.print(found);

    assertThat(json)
        .isEqualTo(
            """
            {
              "rope_type": "longrope",
              "long_factor": [1.0, 1.5, 8.0],
              "short_factor": [1.0, 1.0, 1.0],
              "factor": 8.0,
              "attention_factor": 1.125,
              "original_max_position_embeddings": 256,
              "longrope": {
                "start_tokens": 4,
                "target_length": 2048,
                "provenance": {
                  "seed": 42
                }
              }
            }
            """);
    assertThat(parse(json)).isEqualTo(found);
    assertThat(warnings).isEmpty();
  }

  @ParameterizedTest
  @CsvSource({"config, '\"config\"'", "none, '\"none\"'", "4096, 4096"})
  void json_ofAnAttentionWindow_isSpelledAsTheOption(String window, String json) {
    FactorSet found =
        FactorSet.of(RescaleFactors.of(1, 2)).withAttentionWindow(AttentionWindow.parse(window));

    String text = FactorFile.print(found);

    assertThat(text).contains("\"attention_window\": " + json);
    assertThat(parse(text).attentionWindow()).isEqualTo(AttentionWindow.parse(window));
  }

  @Test
  void json_withoutAnAttentionWindow_leavesItOpen() {
    FactorSet found = FactorSet.of(RescaleFactors.of(1, 2));

    assertThat(FactorFile.print(found)).doesNotContain("attention_window");
    assertThat(parse(FactorFile.print(found)).attentionWindow()).isNull();
  }

  @ParameterizedTest
  @ValueSource(strings = {"\"all\"", "0", "-1", "1.5", "true", "[4096]"})
  void json_withAnUnusableAttentionWindow_isRejected(String window) {
    String json =
        FactorFile.print(FactorSet.of(RescaleFactors.of(1, 2)))
            .replace("\"longrope\": { }", "\"longrope\": {\"attention_window\": " + window + "}");

    assertThatThrownBy(() -> parse(json))
        .isInstanceOf(BadInputException.class)
        .hasMessage(
            "Cannot read factors from f: attention_window is %s; expected \"config\", \"none\" or"
                + " a number of tokens.",
            window);
  }

  @Test
  void write_overAnOldFile_replacesItAndLeavesNothingElse(@TempDir Path folder) throws IOException {
    Path file = folder.resolve("deep/factors.json");
    FactorSet set = FactorSet.of(RescaleFactors.of(1, 2.25));

    FactorFile.write(file, FactorSet.of(RescaleFactors.of(9)));
    FactorFile.write(file, set);

    assertThat(FactorFile.read(file, warnings::add).longest().factors()).isEqualTo(set.factors());
    try (var files = Files.list(file.getParent())) {
      assertThat(files).containsExactly(file);
    }
  }

  @ParameterizedTest
  @ValueSource(
      strings = {"1,1.5,2.25", "1, 1.5 ,2.25\n", "\n\n 1,1.5,2.25\r\n\r\n", "\uFEFF1,1.5,2.25"})
  void csv_anyBlanksAndEnds_isTheRow(String text) {
    FactorSet set = parse(text);

    assertThat(set).isEqualTo(FactorSet.of(RescaleFactors.of(1, 1.5, 2.25)));
    assertThat(FactorCsv.print(set.factors())).isEqualTo("1,1.5,2.25\n");
    assertThat(warnings).isEmpty();
  }

  @Test
  void csv_notMonotone_isReadWithAWarning() {
    FactorSet set = parse("1.07,1.12,1.17,1.16,1.2,1.19\n");

    assertThat(set.factors().get(3)).isEqualTo(1.16);
    assertThat(warnings)
        .containsExactly(
            "Factors in f are not monotone at pair 3, 5 (1.16 after 1.17 at pair 3); they are used"
                + " as they are.");
  }

  @Test
  void factorsJson_notMonotone_ofASearch_isNoOddity() {
    FactorSet set =
        parse(
            """
            {"rope_type": "longrope", "long_factor": [1.0, 1.5, 1.25],
             "longrope": {"provenance": {"seed": 1}}}
            """);

    assertThat(set.factors().get(2)).isEqualTo(1.25);
    assertThat(warnings).isEmpty();
  }

  @Test
  void config_phi3Of128k_isReadAsTransformersDoes() {
    FactorSet set =
        parse(
            """
            {"model_type": "phi3", "max_position_embeddings": 131072,
             "original_max_position_embeddings": 4096,
             "rope_scaling": {"type": "su", "short_factor": [1.0, 1.1], "long_factor": [1, 40.5]}}
            """);

    assertThat(set.factors()).isEqualTo(RescaleFactors.of(1, 40.5));
    assertThat(set.shortFactors()).isEqualTo(RescaleFactors.of(1, 1.1));
    assertThat(set.originalWindow()).isEqualTo(4096);
    assertThat(set.extensionRatio()).isEqualTo(32);
    assertThat(set.attentionFactor()).isNull();
    assertThat(set.startTokens()).isNull();
  }

  @Test
  void config_version5WithExplicitFactor_takesTheFactor() {
    FactorSet set =
        parse(
            """
            {"model_type": "llama", "max_position_embeddings": 1000, "rope_scaling": null,
             "rope_parameters": {"rope_type": "longrope", "rope_theta": 10000.0, "factor": 4.0,
               "attention_factor": null, "original_max_position_embeddings": 500,
               "short_factor": [1, 1], "long_factor": [1, 4]},
             "longrope": {"start_tokens": 8}}
            """);

    assertThat(set.extensionRatio()).isEqualTo(4);
    assertThat(set.originalWindow()).isEqualTo(500);
    assertThat(set.attentionFactor()).isNull();
    assertThat(set.startTokens()).isEqualTo(8);
  }

  /** Checks factors at pairs 0 and 3 of 4, for base 4096, where f_i is 8^−i. */
  @ParameterizedTest
  @CsvSource(
      delimiter = '|',
      quoteCharacter = '`',
      value = {
        "{'type': 'linear', 'factor': 4.0}                                   | 4 | 4 | 1 | 64",
        "{'rope_type': 'llama3', 'factor': 8.0, 'low_freq_factor': 1.0, 'high_freq_factor': 4.0,"
            + " 'original_max_position_embeddings': 64}                      | 1 | 8 | 1 | 64",
        "{'rope_type': 'yarn', 'factor': 8.0, 'attention_factor': 1.5,"
            + " 'original_max_position_embeddings': 32}                      | 1 | 8 | 1.5 | 32",
        "{'rope_type': 'longrope', 'factor': 4.0, 'attention_factor': 1.25,"
            + " 'short_factor': [1, 1, 1, 1], 'long_factor': [1, 2, 3, 5],"
            + " 'original_max_position_embeddings': 64}                      | 1 | 5 | 1.25 | 64",
      })
  void config_ofAnyClosedForm_isAVectorOfFactors(
      String scaling, double first, double last, double attention, int window) {
    FactorSet set = parse(config("llama", scaling));

    assertThat(set.factors().get(0)).isCloseTo(first, within(1e-12));
    assertThat(set.factors().get(3)).isCloseTo(last, within(1e-12));
    assertThat(set.attentionFactor()).isEqualTo(attention);
    assertThat(set.originalWindow()).isEqualTo(window);
    assertThat(set.targetLength()).isEqualTo(256);
  }

  @Test
  void config_ofPhi3WithoutAnOriginalWindow_takes4096AsTransformersDoes() {
    String text =
        config(
            "phi3",
            "{'type': 'longrope', 'short_factor': [1, 1, 1, 1], 'long_factor': [1, 2, 3, 5]}");

    assertThat(parse(text).originalWindow()).isEqualTo(4096);
    assertThat(parse(text).targetLength()).isEqualTo(256);
  }

  @Test
  void config_dynamic_isRejectedInOneSentence() {
    assertThatThrownBy(() -> parse(config("llama", "{'rope_type': 'dynamic', 'factor': 2.0}")))
        .isInstanceOf(BadInputException.class)
        .hasMessageStartingWith("Cannot read factors from f: its rope type dynamic has other")
        .hasMessageEndingWith("or use --method dynamic-ntk.");
  }

  @Test
  void config_ofItsOwnModel_leavesTheModelAsItIs() {
    String text = config("llama", "{'rope_type': 'yarn', 'factor': 8.0}");
    RopeGeometry rope =
        new RopeGeometry(
            8, 4096, 256, new RopeScaling.Yarn(8, 32, 1, true, 256, 0.1 * Math.log(8) + 1));

    Rescaling over = RescalingRequest.of(FactorFile.parse("f", text, warnings::add)).at(256, rope);
    Rescaling alone =
        RescalingRequest.of(FactorFile.parse("f", text, warnings::add))
            .at(256, rope.withoutScaling());

    assertThat(over.isNear(new Rescaling(RescaleFactors.uniform(4, 1), 0, 1))).isTrue();
    double[] frequencies = rope.frequencies(256);
    for (int i = 0; i < 4; i++) {
      assertThat(rope.plainFrequencies()[i] / alone.factors().get(i))
          .isCloseTo(frequencies[i], within(1e-12));
    }
    assertThat(alone.attentionFactor()).isEqualTo(0.1 * Math.log(8) + 1);
  }

  @Test
  void factorsJson_overAModelWithARopeType_dividesItsFrequencies() {
    String text = FactorFile.print(FactorSet.of(RescaleFactors.of(1, 1, 2, 2)));
    RopeGeometry rope = new RopeGeometry(8, 4096, 256, new RopeScaling.Linear(2));

    assertThat(
            RescalingRequest.of(FactorFile.parse("f", text, warnings::add)).at(512, rope).factors())
        .isEqualTo(RescaleFactors.of(1, 1, 2, 2));
  }

  private static String config(String type, String scaling) {
    return ("{'model_type': '%s', 'hidden_size': 32, 'num_attention_heads': 4,"
            + " 'max_position_embeddings': 256, 'rope_theta': 4096.0, 'rope_scaling': %s}")
        .formatted(type, scaling)
        .replace('\'', '"');
  }

  @ParameterizedTest
  @CsvSource(
      delimiter = '|',
      quoteCharacter = '`',
      value = {
        "``                                                          | it is empty",
        "{\"rope_type\": \"longrope\"                               | starts like JSON but is not",
        "{\"rope_type\":\"longrope\",\"long_factor\":[1]} x           | starts like JSON but is"
            + " not",
        "{}                                                          | neither rope_type nor",
        "{\"rope_type\":\"longrope\"}                                | no long_factor",
        "{\"rope_type\":\"yarn\",\"long_factor\":[1]}                | rope_type is \"yarn\"",
        "{\"rope_type\":\"longrope\",\"long_factor\":[]}             | long_factor is empty",
        "{\"rope_type\":\"longrope\",\"long_factor\":3}              | long_factor is no list",
        "{\"rope_type\":\"longrope\",\"long_factor\":[1,\"NaN\"]}    | long_factor[1] is \"NaN\"",
        "{\"rope_type\":\"longrope\",\"long_factor\":[1,1e999]}      | long_factor[1] is",
        "{\"rope_type\":\"longrope\",\"long_factor\":[0]}            | long_factor[0] is 0",
        "{\"rope_type\":\"longrope\",\"long_factor\":[1],\"short_factor\":[1,1]} | has 1 numbers"
            + " and",
        "{\"rope_type\":\"longrope\",\"long_factor\":[1],\"attention_factor\":-1} |"
            + " attention_factor",
        "{\"rope_type\":\"longrope\",\"long_factor\":[1],\"longrope\":{\"start_tokens\":1.5}} |"
            + " start_",
        "{\"model_type\":\"llama\",\"rope_scaling\":null}            | was never extended",
        "{\"rope_scaling\":{\"type\":\"linear\",\"factor\":2.0}}     | rope_type is \"linear\"",
        "{\"rope_scaling\":{\"factor\":2.0}}                         | has no rope_type",
        "[1, 2]                                                      | value 1 ('[1') is no number",
        "hello world                                                 | value 1 ('hello world')",
        "1,,3                                                        | value 2 ('') is no number",
        "1,NaN                                                       | value 2 is NaN",
        "1,-2                                                        | value 2 is -2",
      })
  void read_damagedContent_namesPlaceAndProblem(String text, String what) {
    assertThatThrownBy(() -> parse(text))
        .isInstanceOf(BadInputException.class)
        .hasMessageStartingWith("Cannot read factors from f: ")
        .hasMessageContaining(what)
        .hasMessageContaining("expected")
        .hasMessageNotContaining("\n");
  }

  @ParameterizedTest
  @CsvSource(
      delimiter = '|',
      value = {
        "3                                    | longrope.table is no list of two or more sets",
        "[{}]                                 | longrope.table is no list of two or more sets",
        "[1, 2]                               | neither rope_type nor",
        "[SHORT, {\"rope_type\":\"yarn\"}] | rope_type is \"yarn\"",
        "[SHORT, THREE]                       | long_factor has 3 numbers and that of the whole",
        "[SHORT, OTHER]                       | long_factor is not the longest set of",
      })
  void read_damagedTable_namesPlaceAndProblem(String table, String what) {
    String entry =
        "{\"rope_type\": \"longrope\", \"long_factor\": [%s], \"factor\": %s,"
            + " \"original_max_position_embeddings\": 256}";
    String entries =
        table
            .replace("SHORT", String.format(entry, "1, 1", 1))
            .replace("THREE", String.format(entry, "1, 2, 3", 8))
            .replace("OTHER", String.format(entry, "1, 7", 8));
    String config =
        "{\"model_type\": \"llama\", \"rope_scaling\": %s, \"longrope\": {\"table\": %s}}";

    assertThatThrownBy(() -> parse(String.format(config, String.format(entry, "1, 8", 8), entries)))
        .isInstanceOf(BadInputException.class)
        .hasMessageStartingWith("Cannot read factors from f")
        .hasMessageContaining(what)
        .hasMessageContaining("expected")
        .hasMessageNotContaining("\n");
  }

  @Test
  void csv_twoRows_areRejected() {
    assertThatThrownBy(() -> parse("1,2\n\n3,4\n"))
        .isInstanceOf(BadInputException.class)
        .hasMessage(
            "Cannot read factors from f: it has 2 rows, the second beginning '3,4'; expected one"
                + " row of factors, shared by all layers.");
  }

  @Test
  void read_missingOrBinaryFile_isRejected(@TempDir Path folder) throws IOException {
    Path binary = Files.write(folder.resolve("model.bin"), new byte[] {(byte) 0xff, 0, 1});

    assertThatThrownBy(
            () -> FactorFile.read(folder.resolve("absent.json"), warnings::add).longest())
        .hasMessageContaining("no such file");
    assertThatThrownBy(() -> FactorFile.read(folder, warnings::add).longest())
        .hasMessageContaining("it is a directory");
    assertThatThrownBy(() -> FactorFile.read(binary, warnings::add).longest())
        .hasMessageContaining("not UTF-8 text");
  }

  @Test
  void requirePairs_otherModel_namesBothCounts() {
    assertThatThrownBy(() -> FactorSet.of(RescaleFactors.of(1, 2)).requirePairs(64, "f.csv"))
        .isInstanceOf(BadInputException.class)
        .hasMessageContaining("f.csv")
        .hasMessageContaining("the file has 2, the model rotates 64 pairs");
  }

  private FactorSet parse(String text) {
    return FactorFile.parse("f", text, warnings::add).longest();
  }
}
