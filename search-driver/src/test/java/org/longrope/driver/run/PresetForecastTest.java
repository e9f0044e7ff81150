package org.longrope.driver.run;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Arrays;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;
import org.longrope.driver.Shapes;
import org.longrope.driver.execution.spark.SparkSettings;
import org.longrope.driver.run.settings.SearchSettings;
import org.longrope.driver.run.settings.SettingsReader;
import org.longrope.driver.store.files.StoredFile;
import org.longrope.eval.checkpoint.DType;
import org.longrope.eval.decoder.EvaluationCost;
import org.longrope.eval.decoder.GradientMemory;
import org.longrope.eval.family.DecoderSpec;
import org.longrope.eval.rope.RopeScaling;

/**
 * Presets of published models that have a forecast: its numbers are those of the model's shape. The
 * system property longrope.regenerate writes them.
 */
class PresetForecastTest {
  private static final Path PRESETS = Path.of("..", "conf", "presets");
  private static final String BEGIN = "# Forecast for one H200";
  private static final double GIB = 1L << 30;
  private static final double H200_BYTES = 141e9;

  /** Assumed rate: 40 % of the 989 TFLOP/s that an H200 has in bf16. */
  private static final double FLOP_PER_SECOND = 400e12;

  /** Time of a gradient in evaluations without, as measured on CPUs. */
  private static final double GRADIENT = 3.5;

  private static final int WIDTH = 116;

  static Stream<Path> presets() throws IOException {
    try (Stream<Path> files = Files.list(PRESETS)) {
      return files.filter(file -> text(file).contains(BEGIN)).sorted().toList().stream();
    }
  }

  private static String text(Path file) {
    try {
      return Files.readString(file);
    } catch (IOException e) {
      throw new AssertionError(e);
    }
  }

  /** Returns the name of the model's shape: that of the preset without the target. */
  private static String shape(Path preset) {
    return preset.getFileName().toString().replaceFirst("-\\d+k\\.conf$", "");
  }

  private static SearchSettings settings(Path preset) {
    return SettingsReader.read(
            StoredFile.of(preset),
            Map.of("model", "m", "data", "d", "output", "o"),
            new SparkSettings(null, Map.of()))
        .search();
  }

  private static String forecast(DecoderSpec spec, SearchSettings search) {
    EvaluationCost cost =
        EvaluationCost.of(spec, search.attentionWindow(), DType.BF16, true, search.targetLength());
    GradientMemory gradient = GradientMemory.of(spec, DType.BF16, true, search.targetLength());
    double seconds = cost.flop() / FLOP_PER_SECOND;
    boolean fits = cost.weightBytes() + cost.passBytes() <= H200_BYTES;
    long gradients = search.search().gradients(search.documents());
    long others = search.search().documentsScored(search.documents()) - gradients;
    String sentences =
        String.format(
            Locale.ROOT,
            "Forecast for one H200 (141 GB), computed from the model's shape: %.2f GiB of weights"
                + " and %.2f GiB beside them in bf16, which %s; a gradient takes %.1f GiB more, of"
                + " which the host's memory holds what the card cannot. An evaluation has %,.0f"
                + " TFLOP. At 400 TFLOP/s (an assumption, 40 %% of the card's peak) it takes %.0f"
                + " seconds. %d gradients of %.1f times that (as on CPUs) and at most %d other"
                + " evaluations take %.1f hours on one device. Seconds on this host:",
            cost.weightBytes() / GIB,
            cost.passBytes() / GIB,
            fits ? "fit" : "do not fit",
            gradient.bytes(spec.layerCount()) / GIB,
            cost.flop() * 1e-12,
            seconds,
            gradients,
            GRADIENT,
            others,
            (GRADIENT * gradients + others) * seconds / 3600);
    return comment(sentences)
        + "#   bin/longrope bench forecast --gradient --model MODEL --length "
        + search.targetLength()
        + "\n";
  }

  private static String comment(String sentences) {
    StringBuilder text = new StringBuilder("#");
    int begin = 0;
    for (String word : sentences.split(" ")) {
      if (text.length() - begin + 1 + word.length() > WIDTH) {
        begin = text.append("\n").length();
        text.append('#');
      }
      text.append(' ').append(word);
    }
    return text.append('\n').toString();
  }

  @ParameterizedTest
  @MethodSource("presets")
  void forecast_ofEveryPreset_isThatOfItsShape(Path preset) throws IOException {
    String expected = forecast(Shapes.spec(shape(preset)), settings(preset));
    String text = Files.readString(preset);
    int begin = text.indexOf(BEGIN);
    int end = text.indexOf("search {");
    if (Boolean.getBoolean("longrope.regenerate")) {
      text = text.substring(0, begin) + expected + text.substring(end);
      Files.writeString(preset, text);
      end = text.indexOf("search {");
    }
    assertThat(text.substring(begin, end)).isEqualTo(expected);
  }

  @ParameterizedTest
  @MethodSource("presets")
  void target_ofEveryPreset_isBeyondTheWindowThatItExtends(Path preset) {
    SearchSettings search = settings(preset);
    DecoderSpec spec = Shapes.spec(shape(preset));
    int reach =
        spec.rope().scaling() instanceof RopeScaling.LongRope own
            ? own.reach()
            : search.rope(spec).originalWindow();
    assertThat(search.targetLength() % reach).isZero();
    assertThat(search.targetLength() / reach).isBetween(2, 4);
  }

  @Test
  void forecasts_existForAllShapes() throws IOException {
    List<String> shapes = presets().map(PresetForecastTest::shape).toList();
    Path resources = Path.of("src", "test", "resources", "shapes");
    String[] files = resources.toFile().list();
    assertThat(files).isNotNull();
    assertThat(shapes)
        .containsExactlyInAnyOrderElementsOf(
            Arrays.stream(files).map(name -> name.replace(".json", "")).toList());
  }
}
