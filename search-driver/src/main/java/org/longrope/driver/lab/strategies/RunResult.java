package org.longrope.driver.lab.strategies;

import java.util.List;
import org.jspecify.annotations.Nullable;

/**
 * A finished search, and what it had found after how much reading.
 *
 * @param evaluatedTokens that it took in all
 * @param points its incumbents in their order, one or more; the last one is measured
 */
record RunResult(
    String problem, String strategy, int seed, long evaluatedTokens, List<Point> points) {

  /**
   * An incumbent.
   *
   * @param evaluatedTokens read by then
   * @param searchPerplexity on the search's documents
   * @param heldOutPerplexity on others; infinite if it has none, null where not measured
   */
  record Point(long evaluatedTokens, double searchPerplexity, @Nullable Double heldOutPerplexity) {}

  RunResult {
    points = List.copyOf(points);
    if (points.isEmpty() || points.get(points.size() - 1).heldOutPerplexity() == null) {
      throw new IllegalArgumentException(
          "Cannot compare "
              + problem
              + ", "
              + strategy
              + ", seed "
              + seed
              + ": no end is measured");
    }
  }

  /** What was measured, in its order. */
  List<Point> measured() {
    return points.stream().filter(point -> point.heldOutPerplexity() != null).toList();
  }

  /** On held-out documents, of what the search found in the end. */
  double finalPerplexity() {
    return value(points.get(points.size() - 1));
  }

  /**
   * Tokens after which the first incumbent was measured that is as good as that on held-out
   * documents; infinite if none is.
   */
  double tokensToReach(double perplexity) {
    return measured().stream()
        .filter(point -> value(point) <= perplexity)
        .mapToDouble(Point::evaluatedTokens)
        .findFirst()
        .orElse(Double.POSITIVE_INFINITY);
  }

  private static double value(Point point) {
    Double perplexity = point.heldOutPerplexity();
    return perplexity == null ? Double.POSITIVE_INFINITY : perplexity;
  }
}
