package org.longrope.driver.lab.strategies;

import com.fasterxml.jackson.databind.node.ArrayNode;
import com.fasterxml.jackson.databind.node.JsonNodeFactory;
import com.fasterxml.jackson.databind.node.ObjectNode;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import org.jspecify.annotations.Nullable;

/**
 * Comparison of strategies with a reference: tokens until a strategy has found factors as good as
 * the final ones of the reference, and the final perplexity of each.
 *
 * @param rows by problem and strategy
 */
record Comparison(List<Row> rows) {

  /**
   * Strategy on a problem. {@link ReferenceRuns} says which run each seed is compared with.
   *
   * @param seeds that are finished
   * @param tokensRatio tokens until the final held-out perplexity of the reference is reached, over
   *     all tokens of the reference; infinite if it never is; null without reference
   * @param finalPerplexity held-out perplexity of the result
   * @param referencePerplexity median of the runs that the seeds are compared with; null without
   *     one
   * @param below seeds that end strictly below the reference
   * @param references seeds that the reference has finished
   */
  record Row(
      String problem,
      String strategy,
      int seeds,
      @Nullable MedianInterval tokensRatio,
      MedianInterval finalPerplexity,
      @Nullable Double referencePerplexity,
      int below,
      int references) {}

  Comparison {
    rows = List.copyOf(rows);
  }

  /**
   * Compares finished runs.
   *
   * @param results of any problems, in the order of the rows
   * @param strategies that get rows, in their order
   * @param reference may be without a row
   */
  static Comparison of(List<RunResult> results, List<String> strategies, String reference) {
    List<Row> rows = new ArrayList<>();
    for (String problem : results.stream().map(RunResult::problem).distinct().toList()) {
      ReferenceRuns references = ReferenceRuns.of(results, problem, reference);
      for (String strategy : strategies) {
        List<RunResult> own =
            results.stream()
                .filter(one -> one.problem().equals(problem) && one.strategy().equals(strategy))
                .toList();
        if (!own.isEmpty()) {
          rows.add(row(own, references));
        }
      }
    }
    return new Comparison(rows);
  }

  private static Row row(List<RunResult> results, ReferenceRuns references) {
    List<Double> ratios = new ArrayList<>();
    List<Double> toBeat = new ArrayList<>();
    int below = 0;
    for (RunResult result : results) {
      Optional<RunResult> reference = references.of(result.seed());
      if (reference.isPresent()) {
        double end = reference.get().finalPerplexity();
        ratios.add(result.tokensToReach(end) / reference.get().evaluatedTokens());
        toBeat.add(end);
        below += result.finalPerplexity() < end ? 1 : 0;
      }
    }
    RunResult any = results.get(0);
    return new Row(
        any.problem(),
        any.strategy(),
        results.size(),
        ratios.isEmpty() ? null : interval(ratios),
        interval(results.stream().map(RunResult::finalPerplexity).toList()),
        toBeat.isEmpty() ? null : (Double) interval(toBeat).median(),
        below,
        references.results().size());
  }

  private static MedianInterval interval(List<Double> values) {
    return MedianInterval.of(values.stream().mapToDouble(Double::doubleValue).toArray());
  }

  /** Returns the rows; a value that is infinite or has no reference is null. */
  ArrayNode toJson() {
    ArrayNode list = JsonNodeFactory.instance.arrayNode();
    for (Row row : rows) {
      MedianInterval ratio = row.tokensRatio;
      ObjectNode json =
          list.addObject()
              .put("problem", row.problem)
              .put("strategy", row.strategy)
              .put("seeds", row.seeds)
              .put("tokens_ratio_to_reference", ratio == null ? null : finite(ratio.median()));
      if (ratio == null) {
        json.putNull("interval");
      } else {
        json.putArray("interval").add(finite(ratio.low())).add(finite(ratio.high()));
      }
      json.put("final_perplexity", finite(row.finalPerplexity.median()));
      json.put(
          "reference_perplexity",
          row.referencePerplexity == null ? null : finite(row.referencePerplexity));
    }
    return list;
  }

  /** Returns null for infinity, which JSON has not. */
  static @Nullable Double finite(double value) {
    return Double.isFinite(value) ? (Double) value : null;
  }
}
