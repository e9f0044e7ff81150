package org.longrope.driver.lab.strategies;

import java.util.List;
import org.jspecify.annotations.Nullable;

/**
 * Result of a finished search: its incumbents by evaluated tokens.
 *
 * @param evaluatedTokens of the whole search
 * @param points incumbents in their order, one or more; the last one is measured
 */
record RunResult(
    String problem, String strategy, int seed, long evaluatedTokens, List<Point> points) {

  /**
   * Incumbent of a search.
   *
   * @param evaluatedTokens until then
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

  /** Returns the points that are measured, in their order. */
  List<Point> measured() {
    return points.stream().filter(point -> point.heldOutPerplexity() != null).toList();
  }

  /** Returns the held-out perplexity of the last incumbent. */
  double finalPerplexity() {
    return value(points.get(points.size() - 1));
  }

  /**
   * Returns the tokens until the first incumbent whose held-out perplexity is as low; infinite if
   * none is.
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
