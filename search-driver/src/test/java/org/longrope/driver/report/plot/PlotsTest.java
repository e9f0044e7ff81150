package org.longrope.driver.report.plot;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.awt.image.BufferedImage;
import java.io.ByteArrayInputStream;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Random;
import javax.imageio.ImageIO;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;
import org.longrope.eval.rope.RescaleFactors;
import org.longrope.eval.rope.Rescaling;
import org.longrope.eval.rope.RopeGeometry;
import org.longrope.eval.rope.RopeMethod;

class PlotsTest {
  private static final int FOUND_BLUE = 0x0072B2;

  @ParameterizedTest
  @ValueSource(doubles = {9, 40, 3000})
  void convergence_anyRange_isAPictureWithAllLines(double pi) throws IOException {
    byte[] png = ConvergencePlot.png(generations(41), baselines(pi), "perplexity", 2048);

    BufferedImage image = decoded("convergence-" + (int) pi, png);

    assertThat(count(image, FOUND_BLUE)).isGreaterThan(500);
    assertThat(count(image, 0xD55E00)).as("yarn").isGreaterThan(100);
  }

  @Test
  void convergence_oneGenerationAndGaps_isAPicture() throws IOException {
    byte[] png =
        ConvergencePlot.png(
            List.of(new GenerationSummary(0, 7.5, Double.NaN, 64, 64)),
            Map.of("yarn", 8.0, "none", Double.POSITIVE_INFINITY),
            "perplexity of the tokens beyond the original window",
            2048);

    assertThat(count(decoded("convergence-one", png), FOUND_BLUE)).isGreaterThan(10);
  }

  @Test
  void convergence_littleGain_isAPicture() throws IOException {
    List<GenerationSummary> generations = new ArrayList<>();
    for (int g = 0; g < 3; g++) {
      generations.add(new GenerationSummary(g, 7.5 - g / 1000.0, 7.53 - g / 500.0, 32, 0));
    }

    byte[] png = ConvergencePlot.png(generations, Map.of("yarn", 7.55), "perplexity", 4096);

    assertThat(count(decoded("convergence-little", png), FOUND_BLUE)).isGreaterThan(500);
  }

  @Test
  void convergence_wildMedians_isAPicture() throws IOException {
    List<GenerationSummary> generations = new ArrayList<>();
    for (int g = 0; g < 8; g++) {
      generations.add(new GenerationSummary(g, 9.0 - g / 4.0, 9 + 2000 * Math.exp(-g), 32, 0));
    }

    byte[] png = ConvergencePlot.png(generations, baselines(3000), "perplexity of the key", 65_536);

    assertThat(count(decoded("convergence-wild", png), FOUND_BLUE)).isGreaterThan(500);
  }

  @Test
  void convergence_noGeneration_isRefused() {
    assertThatThrownBy(() -> ConvergencePlot.png(List.of(), Map.of(), "perplexity", 2048))
        .isInstanceOf(IllegalArgumentException.class)
        .hasMessageContaining("no generation");
  }

  @ParameterizedTest
  @ValueSource(ints = {1, 2, 8, 512})
  void factors_anyRatio_isAPictureWithAllLines(int ratio) throws IOException {
    RopeGeometry rope = new RopeGeometry(128, 10_000, 4096);
    int target = 4096 * ratio;
    Map<String, RescaleFactors> baselines = new LinkedHashMap<>();
    for (RopeMethod method : List.of(RopeMethod.PI, RopeMethod.NTK, RopeMethod.YARN)) {
      baselines.put(method.toString(), method.factors(rope, target, target));
    }
    double[] lambda = new double[64];
    for (int i = 0; i < lambda.length; i++) {
      lambda[i] = Math.pow(ratio, 1 / (1 + Math.exp(-(i - 30) / 5.0)));
    }

    byte[] png =
        FactorPlot.png(
            new Rescaling(RescaleFactors.of(lambda), 16, 1.1187), baselines, rope, target);

    BufferedImage image = decoded("factors-" + ratio, png);
    assertThat(count(image, FOUND_BLUE)).isGreaterThan(500);
    if (ratio > 1) {
      assertThat(count(image, 0xD55E00)).as("yarn").isGreaterThan(100);
    }
  }

  @ParameterizedTest
  @ValueSource(ints = {512, 16_384, 2_097_152})
  void length_anyReach_isAPictureWithAllLines(int longest) throws IOException {
    Map<Integer, Double> none = new LinkedHashMap<>();
    Map<Integer, Double> found = new LinkedHashMap<>();
    for (int length = 256; length <= longest; length *= 2) {
      none.put(length, 3.0 * length / 256);
      found.put(length, length == 1024 ? Double.NaN : 3 + Math.log(length) / 10);
    }

    byte[] png =
        LengthPlot.png(
            List.of(
                new LengthPlot.Line("model, none", "none", none),
                new LengthPlot.Line("model, found", "", found)));

    BufferedImage image = decoded("length-" + longest, png);
    assertThat(count(image, FOUND_BLUE)).isGreaterThan(100);
    assertThat(count(image, 0x999999)).as("none").isGreaterThan(100);
  }

  @Test
  void length_oneLength_isRefused() {
    assertThatThrownBy(
            () -> LengthPlot.png(List.of(new LengthPlot.Line("a", "", Map.of(256, 3.0)))))
        .isInstanceOf(IllegalArgumentException.class)
        .hasMessageContaining("two lengths");
  }

  @ParameterizedTest
  @ValueSource(ints = {1, 2, 5})
  void tokens_anySeeds_isAPictureWithAllLines(int seeds) throws IOException {
    List<TokensPlot.Line> lines = new ArrayList<>();
    for (String strategy : List.of("paper", "fast", "no-crossover")) {
      List<TokensPlot.Course> courses = new ArrayList<>();
      for (int seed = 1; seed <= seeds; seed++) {
        double[] tokens = new double[20];
        double[] perplexity = new double[20];
        for (int i = 0; i < tokens.length; i++) {
          tokens[i] = 10_240 * Math.rint(Math.pow(1.1 + strategy.length() / 20.0, i) * 10 + seed);
          perplexity[i] = i == 0 ? 50 : 6.4 + (1 + 0.1 * seed) * Math.exp(-i / 6.0);
        }
        courses.add(new TokensPlot.Course(seed, tokens, perplexity, 1.5 * tokens[19]));
      }
      lines.add(new TokensPlot.Line(strategy, courses));
    }

    byte[] png = TokensPlot.png("Held out", lines, Map.of("yarn", 6.9, "paper in the end", 6.45));

    BufferedImage image = decoded("tokens-" + seeds, png);
    assertThat(count(image, FOUND_BLUE)).as("paper").isGreaterThan(500);
    assertThat(count(image, 0x882255)).as("fast").isGreaterThan(seeds == 1 ? 20 : 10);
    assertThat(count(image, 0xD55E00)).as("yarn").isGreaterThan(100);
  }

  @Test
  void tokens_noSearch_isRefused() {
    assertThatThrownBy(() -> TokensPlot.png("Held out", List.of(), Map.of()))
        .isInstanceOf(IllegalArgumentException.class)
        .hasMessageContaining("no search");
  }

  @ParameterizedTest
  @ValueSource(ints = {1, 30, 1300})
  void front_anyNumber_isAPictureWithAllPoints(int candidates) throws IOException {
    Random random = new Random(4);
    List<FrontPlot.Point> all = new ArrayList<>();
    all.add(new FrontPlot.Point("none", FrontPlot.Part.BASELINE, 400, 4.81));
    all.add(new FrontPlot.Point("pi", FrontPlot.Part.BASELINE, 9.5, 6.1));
    all.add(new FrontPlot.Point("yarn", FrontPlot.Part.BASELINE, 7.2, 5.3));
    all.add(new FrontPlot.Point("yarn, a = su", FrontPlot.Part.OTHER, 7.3, 5.25));
    all.add(new FrontPlot.Point("found", FrontPlot.Part.FOUND, 6.4, 5.0));
    for (int i = 0; i < candidates; i++) {
      double spread = random.nextGaussian() * 0.1;
      double worse = Math.abs(random.nextGaussian()) * (i % 100 == 99 ? 20 : 0.2);
      all.add(
          new FrontPlot.Point(
              "candidate",
              FrontPlot.Part.OTHER,
              (6.45 + worse) * Math.exp(spread),
              (5.02 + worse / 2) * Math.exp(-spread / 2)));
    }

    byte[] png = FrontPlot.png(16_384, 4096, all, front(all));

    BufferedImage image = decoded("front-" + candidates, png);
    assertThat(count(image, FOUND_BLUE)).as("front").isGreaterThan(20);
    assertThat(count(image, 0xD55E00)).as("yarn").isGreaterThan(20);
    assertThat(count(image, 0xBBBBBB)).as("candidates").isGreaterThan(20);
  }

  private static List<FrontPlot.Point> front(List<FrontPlot.Point> all) {
    List<FrontPlot.Point> front = new ArrayList<>();
    all.stream()
        .sorted(Comparator.comparingDouble(FrontPlot.Point::longPerplexity))
        .filter(
            one ->
                front.isEmpty()
                    || one.shortPerplexity() < front.get(front.size() - 1).shortPerplexity())
        .forEachOrdered(front::add);
    return front;
  }

  @Test
  void front_littleBetweenAll_isAPicture() throws IOException {
    List<FrontPlot.Point> all =
        List.of(
            new FrontPlot.Point("yarn", FrontPlot.Part.BASELINE, 6.41, 3.13),
            new FrontPlot.Point("candidate", FrontPlot.Part.OTHER, 6.39, 3.14),
            new FrontPlot.Point("found", FrontPlot.Part.FOUND, 6.4, 3.12));
    byte[] png = FrontPlot.png(2048, 256, all, front(all));
    assertThat(count(decoded("front-little", png), FOUND_BLUE)).isGreaterThan(20);
  }

  @Test
  void front_ofNothing_isRefused() {
    assertThatThrownBy(() -> FrontPlot.png(2048, 256, List.of(), List.of()))
        .isInstanceOf(IllegalArgumentException.class)
        .hasMessageContaining("nothing was measured");
  }

  @ParameterizedTest
  @ValueSource(ints = {1, 15, 1003})
  void training_anySteps_isAPicture(int steps) throws IOException {
    double[] losses = new double[steps];
    for (int s = 0; s < steps; s++) {
      losses[s] = 2 + 3 * Math.exp(-s / 50.0) + 0.2 * Math.sin(s * 12.9898);
    }

    BufferedImage image = decoded("training-" + steps, TrainingPlot.png(losses));

    assertThat(count(image, FOUND_BLUE)).isGreaterThan(10);
  }

  @Test
  void training_noStep_isRefused() {
    assertThatThrownBy(() -> TrainingPlot.png(new double[0]))
        .isInstanceOf(IllegalArgumentException.class)
        .hasMessageContaining("no step");
  }

  private static List<GenerationSummary> generations(int count) {
    List<GenerationSummary> generations = new ArrayList<>();
    for (int g = 0; g < count; g++) {
      double best = 6.2 + 1.4 * Math.exp(-g / 8.0);
      generations.add(
          new GenerationSummary(g, best, best * (1.02 + 0.2 * Math.exp(-g / 5.0)), 32, g % 7 / 6));
    }
    return generations;
  }

  private static Map<String, Double> baselines(double pi) {
    Map<String, Double> baselines = new LinkedHashMap<>();
    baselines.put("none", pi * 1.2);
    baselines.put("pi", pi);
    baselines.put("ntk", 8.4);
    baselines.put("yarn", 7.7);
    return baselines;
  }

  private static BufferedImage decoded(String name, byte[] png) throws IOException {
    // Left behind for the eye: a test can't see what is ugly.
    Path folder = Files.createDirectories(Path.of("target", "plots"));
    Files.write(folder.resolve(name + ".png"), png);
    BufferedImage image = ImageIO.read(new ByteArrayInputStream(png));
    assertThat(image.getWidth()).isEqualTo(1200);
    assertThat(image.getHeight()).isEqualTo(750);
    return image;
  }

  private static long count(BufferedImage image, int colour) {
    long count = 0;
    for (int y = 0; y < image.getHeight(); y++) {
      for (int x = 0; x < image.getWidth(); x++) {
        if ((image.getRGB(x, y) & 0xFFFFFF) == colour) {
          count++;
        }
      }
    }
    return count;
  }
}
