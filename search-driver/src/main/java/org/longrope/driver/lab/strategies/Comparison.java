package org.longrope.driver.lab.strategies;

import com.fasterxml.jackson.databind.node.ArrayNode;
import com.fasterxml.jackson.databind.node.JsonNodeFactory;
import com.fasterxml.jackson.databind.node.ObjectNode;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import org.jspecify.annotations.Nullable;

/**
 * How much each strategy reads until it has found what the reference finds in the end, and what it
 * finds itself.
 *
 * @param rows by problem and strategy
 */
record Comparison(List<Row> rows) {

  /**
   * A strategy on a problem. Each seed is set beside what {@link ReferenceRuns} has for it.
   *
   * @param seeds that are finished
   * @param tokensRatio tokens until the reference's final held-out perplexity is reached, over all
   *     that the reference took; infinite if it never is; null without reference
   * @param finalPerplexity held-out, in the end
   * @param referencePerplexity the same of the reference, of what the seeds are set beside; null
   *     without one
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
   * Compares what is finished.
   *
   * @param trials of any problems, in the order of the rows
   * @param strategies that get rows, in their order
   * @param reference may be without a row
   */
  static Comparison of(List<RunResult> trials, List<String> strategies, String reference) {
    List<Row> rows = new ArrayList<>();
    for (String problem : trials.stream().map(RunResult::problem).distinct().toList()) {
      ReferenceRuns references = ReferenceRuns.of(trials, problem, reference);
      for (String strategy : strategies) {
        List<RunResult> own =
            trials.stream()
                .filter(one -> one.problem().equals(problem) && one.strategy().equals(strategy))
                .toList();
        if (!own.isEmpty()) {
          rows.add(row(own, references));
        }
      }
    }
    return new Comparison(rows);
  }

  private static Row row(List<RunResult> trials, ReferenceRuns references) {
    List<Double> ratios = new ArrayList<>();
    List<Double> toBeat = new ArrayList<>();
    int below = 0;
    for (RunResult trial : trials) {
      Optional<RunResult> reference = references.of(trial.seed());
      if (reference.isPresent()) {
        double end = reference.get().finalPerplexity();
        ratios.add(trial.tokensToReach(end) / reference.get().evaluatedTokens());
        toBeat.add(end);
        below += trial.finalPerplexity() < end ? 1 : 0;
      }
    }
    RunResult any = trials.get(0);
    return new Row(
        any.problem(),
        any.strategy(),
        trials.size(),
        ratios.isEmpty() ? null : interval(ratios),
        interval(trials.stream().map(RunResult::finalPerplexity).toList()),
        toBeat.isEmpty() ? null : (Double) interval(toBeat).median(),
        below,
        references.trials().size());
  }

  private static MedianInterval interval(List<Double> values) {
    return MedianInterval.of(values.stream().mapToDouble(Double::doubleValue).toArray());
  }

  /** For programs; what is infinite, or has no reference, is null. */
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

  /** JSON has no infinity. */
  static @Nullable Double finite(double value) {
    return Double.isFinite(value) ? (Double) value : null;
  }
}
