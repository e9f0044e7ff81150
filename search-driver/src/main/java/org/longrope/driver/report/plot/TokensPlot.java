package org.longrope.driver.report.plot;

import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.TreeSet;
import java.util.stream.DoubleStream;

/**
 * Perplexity of the best so far over the tokens that a search has evaluated, a line for each
 * strategy: it shows which finds more, and which finds it sooner.
 */
public final class TokensPlot {
  /**
   * Multiple of every end and level beyond which values, such as first candidates, are left out.
   */
  private static final double OFF_SCALE_FROM = 1.1;

  /** Least length of a line that ends where it begins. */
  private static final double LEAST_STRETCH = 1.05;

  private TokensPlot() {}

  /**
   * Strategy with its searches.
   *
   * @param seeds one or more
   */
  public record Line(String strategy, List<Course> seeds) {
    public Line {
      seeds = List.copyOf(seeds);
    }
  }

  /**
   * Search with one seed.
   *
   * @param tokens above 0, rising: where the best so far changed
   * @param perplexity from there on; not finite where there is none
   * @param end tokens that the search evaluated in all
   */
  @SuppressWarnings("ArrayRecordComponent") // carried, never compared
  public record Course(int seed, double[] tokens, double[] perplexity, double end) {
    /** Returns the last value. */
    private double found() {
      return perplexity[perplexity.length - 1];
    }

    private double at(double token) {
      double value = Double.POSITIVE_INFINITY;
      for (int i = 0; i < tokens.length && tokens[i] <= token; i++) {
        value = perplexity[i];
      }
      return value;
    }
  }

  /**
   * Draws the medians over seeds, every seed thin, and levels to compare with.
   *
   * @param lines in the order of the legend, one or more
   * @param levels perplexities by name
   * @return a PNG of 1200 × 750 pixels
   * @throws IllegalArgumentException if there is no line
   */
  public static byte[] png(String title, List<Line> lines, Map<String, Double> levels) {
    if (lines.isEmpty()) {
      throw new IllegalArgumentException("Cannot plot perplexity over tokens: there is no search");
    }
    List<Curve> curves = new ArrayList<>();
    for (Line line : lines) {
      curves.add(median(line));
      if (line.seeds.size() > 1) {
        for (Course seed : line.seeds) {
          curves.add(
              stairs(
                  line.strategy + ", seed " + seed.seed, seed.tokens, seed.perplexity, seed.end));
        }
      }
    }
    double highest = highest(lines, levels);
    curves.replaceAll(curve -> upTo(highest, curve));
    double[] ends = {
      curves.stream().flatMapToDouble(curve -> Arrays.stream(curve.x())).min().orElse(1),
      curves.stream().flatMapToDouble(curve -> Arrays.stream(curve.x())).max().orElse(2)
    };
    levels.forEach(
        (name, perplexity) ->
            curves.add(
                new Curve(
                    name,
                    String.format(Locale.ROOT, "%s %.3f", name, perplexity),
                    CurveStyle.BASELINE,
                    ends,
                    new double[] {perplexity, perplexity})));
    return new Plot(title, "evaluated tokens", "perplexity", Axis.LENGTH).png(curves);
  }

  private static double highest(List<Line> lines, Map<String, Double> levels) {
    return OFF_SCALE_FROM
        * DoubleStream.concat(
                levels.values().stream().mapToDouble(level -> level),
                lines.stream().flatMap(line -> line.seeds.stream()).mapToDouble(Course::found))
            .filter(Double::isFinite)
            .max()
            .orElse(Double.POSITIVE_INFINITY);
  }

  private static Curve upTo(double highest, Curve curve) {
    double[] y =
        Arrays.stream(curve.y()).map(value -> value <= highest ? value : Double.NaN).toArray();
    return new Curve(curve.name(), curve.label(), curve.style(), curve.x(), y);
  }

  private static Curve median(Line line) {
    TreeSet<Double> changes = new TreeSet<>();
    line.seeds.forEach(seed -> Arrays.stream(seed.tokens).forEach(changes::add));
    double[] tokens = changes.stream().mapToDouble(Double::doubleValue).toArray();
    double[] medians =
        Arrays.stream(tokens)
            .map(token -> median(line.seeds.stream().mapToDouble(s -> s.at(token)).toArray()))
            .toArray();
    double end = line.seeds.stream().mapToDouble(Course::end).max().orElse(1);
    Curve stairs = stairs(line.strategy, tokens, medians, end);
    return Curve.of(CurveStyle.STEPS, line.strategy, stairs.x(), stairs.y());
  }

  private static double median(double[] values) {
    Arrays.sort(values);
    return (values[(values.length - 1) / 2] + values[values.length / 2]) / 2;
  }

  /** Returns a line that is level from each change to the next. */
  private static Curve stairs(String name, double[] tokens, double[] values, double end) {
    int changes = tokens.length;
    double[] x = new double[2 * changes];
    double[] y = new double[2 * changes];
    for (int i = 0; i < changes; i++) {
      x[2 * i] = tokens[i];
      x[2 * i + 1] = i + 1 < changes ? tokens[i + 1] : Math.max(end, LEAST_STRETCH * tokens[i]);
      y[2 * i] = values[i];
      y[2 * i + 1] = values[i];
    }
    return Curve.of(CurveStyle.SEED, name, x, y);
  }
}
