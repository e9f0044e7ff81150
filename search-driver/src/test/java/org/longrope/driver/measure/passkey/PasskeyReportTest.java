package org.longrope.driver.measure.passkey;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.within;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.json.JsonMapper;
import java.awt.image.BufferedImage;
import java.io.ByteArrayInputStream;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.function.Function;
import java.util.function.Predicate;
import javax.imageio.ImageIO;
import org.junit.jupiter.api.Test;
import org.longrope.eval.passkey.PasskeyGrid;
import org.longrope.eval.passkey.PasskeyResult;
import org.longrope.eval.passkey.PasskeyTrial;
import org.longrope.eval.rope.RescaleFactors;
import org.longrope.eval.rope.Rescaling;

/** A test whose answers are known. */
class PasskeyReportTest {
  private static final PasskeyGrid GRID = new PasskeyGrid(List.of(512, 4096), 3, 4, 42);
  private static final Rescaling RESCALING = new Rescaling(RescaleFactors.of(1, 2), 4, 1.1);

  /** Answers with the key where asked to, else with another number; the NLL grows with length. */
  private static PasskeyMeasurement answered(Predicate<PasskeyTrial> finds) {
    return measured(
        false,
        trial ->
            new PasskeyResult(
                trial, finds.test(trial) ? " " + trial.key() + "." : " 00000", trial.length(), 6));
  }

  private static PasskeyMeasurement needles() {
    return measured(true, trial -> new PasskeyResult(trial, null, 3 + trial.depth(), 6));
  }

  private static PasskeyMeasurement measured(
      boolean needle, Function<PasskeyTrial, PasskeyResult> answer) {
    return new PasskeyMeasurement(GRID, needle, GRID.questions().stream().map(answer).toList());
  }

  private static JsonNode json(PasskeyMeasurement measurement) throws IOException {
    JsonMapper mapper = new JsonMapper();
    return mapper.readTree(
        PasskeyReport.toJson(
            measurement, length -> RESCALING, mapper.createObjectNode().put("seed", 42)));
  }

  @Test
  void accuracy_ofAnswers_isByLengthAndDepth() {
    PasskeyMeasurement none = answered(trial -> false);
    PasskeyMeasurement all = answered(trial -> true);
    PasskeyMeasurement early = answered(trial -> trial.length() == 512 && trial.depth() < 0.9);
    for (int l = 0; l < 2; l++) {
      for (int d = 0; d < 3; d++) {
        assertThat(none.at(l, d).accuracy()).isZero();
        assertThat(all.at(l, d).accuracy()).isEqualTo(1);
        assertThat(early.at(l, d).accuracy()).isEqualTo(l == 0 && d < 2 ? 1 : 0);
        assertThat(early.at(l, d).trials()).isEqualTo(4);
      }
    }
    assertThat(early.at(0).accuracy()).isEqualTo(2 / 3.0);
    assertThat(early.at(1).accuracy()).isZero();
    assertThat(early.at(0).meanKeyNll()).isEqualTo(512 / 6.0, within(1e-9));
  }

  @Test
  void csv_hasARowForEachCell() {
    List<String> rows =
        PasskeyReport.toCsv(answered(trial -> trial.length() == 512)).lines().toList();
    assertThat(rows).hasSize(1 + 2 * 3);
    assertThat(rows.get(0))
        .isEqualTo("length,depth,trials,retrieved,accuracy,key_nll,key_tokens,needle_perplexity");
    assertThat(rows.get(2)).startsWith("512,0.5,4,4,1.0,2048.0,24,");
    assertThat(rows.get(6)).startsWith("4096,1.0,4,0,0.0,16384.0,24,");
    assertThat(PasskeyReport.toCsv(needles()).lines().toList().get(1))
        .isEqualTo("512,0.0,4,,,12.0,24," + Math.exp(0.5));
  }

  @Test
  void json_ofAnswers_addsUp() throws IOException {
    JsonNode json = json(answered(trial -> trial.key() % 2 == 0));
    assertThat(json.fieldNames()).toIterable().containsExactly("results", "trials", "provenance");
    assertThat(json.path("results")).hasSize(2);
    assertThat(json.path("trials")).hasSize(24);
    for (JsonNode row : json.path("results")) {
      int retrieved = 0;
      for (JsonNode trial : json.path("trials")) {
        if (trial.path("length").equals(row.path("length"))) {
          assertThat(trial.path("retrieved").asBoolean())
              .isEqualTo(trial.path("key").asInt() % 2 == 0);
          retrieved += trial.path("retrieved").asBoolean() ? 1 : 0;
        }
      }
      assertThat(row.path("retrieved").asInt()).isEqualTo(retrieved);
      assertThat(row.path("accuracy").asDouble()).isEqualTo(retrieved / 12.0);
      assertThat(row.path("depths")).hasSize(3);
      assertThat(row.path("rescale_factors")).hasSize(2);
      assertThat(row.path("start_tokens").asInt()).isEqualTo(4);
      assertThat(row.path("attention_factor").asDouble()).isEqualTo(1.1);
    }
    assertThat(json.at("/provenance/seed").asInt()).isEqualTo(42);
  }

  @Test
  void json_ofNeedles_claimsNoAnswers() throws IOException {
    JsonNode json = json(needles());
    JsonNode cell = json.at("/results/1/depths/2");
    assertThat(cell.path("needle_perplexity").asDouble())
        .isCloseTo(Math.exp(4 / 6.0), within(1e-9));
    assertThat(cell.path("depth").asDouble()).isEqualTo(1);
    assertThat(json.toString()).doesNotContain("accuracy", "retrieved", "answer");
  }

  @Test
  void text_ofATest_hasALineForEachLength() {
    List<String> lines =
        PasskeyReport.toText(answered(trial -> trial.length() == 512)).lines().toList();
    assertThat(lines).hasSize(4);
    assertThat(lines.get(0)).contains("Accuracy", "4 trials");
    assertThat(lines.get(1).strip().split("\\s+"))
        .containsExactly("length", "0%", "50%", "100%", "all", "key", "NLL", "needle", "ppl");
    assertThat(lines.get(2).strip().split("\\s+")).startsWith("512", "1.00", "1.00", "1.00");
    assertThat(lines.get(3).strip().split("\\s+")).startsWith("4,096", "0.00", "0.00", "0.00");
    assertThat(lines.get(2)).hasSameSizeAs(lines.get(1));
    assertThat(PasskeyReport.toText(needles())).contains("NLL", "0.500", "0.583", "0.667");
  }

  @Test
  void plot_ofAnswers_hasAFieldForEachCell() throws IOException {
    long full = count(PasskeyReport.toPng(answered(trial -> true)));
    long half = count(PasskeyReport.toPng(answered(trial -> trial.length() == 512)));
    long none = count(PasskeyReport.toPng(answered(trial -> false)));
    assertThat(full).isGreaterThan(300_000);
    assertThat((double) (half - none) / (full - none)).isCloseTo(0.5, within(0.05));
  }

  @Test
  void plot_ofAnswers_hasTheBeginningOfTheTextAbove() throws IOException {
    byte[] png = PasskeyReport.toPng(answered(trial -> trial.depth() == 0));
    assertThat(count(png, 0, 350)).isGreaterThan(100_000);
    assertThat(count(png, 350, 750)).isLessThan(1000);
  }

  @Test
  void plot_ofNeedles_isAPicture() throws IOException {
    Path folder = Files.createDirectories(Path.of("target", "plots"));
    byte[] png = PasskeyReport.toPng(needles());
    Files.write(folder.resolve("needles.png"), png);
    assertThat(count(png)).isLessThan(100_000);
  }

  private static long count(byte[] png) throws IOException {
    return count(png, 0, 750);
  }

  /** Pixels in the colour of what is best, in some rows of the picture. */
  private static long count(byte[] png, int from, int to) throws IOException {
    BufferedImage image = ImageIO.read(new ByteArrayInputStream(png));
    assertThat(image.getWidth()).isEqualTo(1200);
    assertThat(image.getHeight()).isEqualTo(750);
    long found = 0;
    for (int y = from; y < to; y++) {
      for (int x = 0; x < 1200; x++) {
        found += (image.getRGB(x, y) & 0xFFFFFF) == 0x56B4E9 ? 1 : 0;
      }
    }
    return found;
  }
}
