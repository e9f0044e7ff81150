package org.longrope.driver.recipe;

import java.util.Collections;
import java.util.Map;
import java.util.SortedMap;
import java.util.TreeMap;

/**
 * Estimated work of a step, counted in forward passes of the model.
 *
 * @param model path of the checkpoint; empty if none is read
 * @param passes number of passes, by tokens of the window
 */
public record CostEstimate(String model, SortedMap<Integer, Double> passes) {
  /** Estimate of steps without a model, or whose work is not known before. */
  public static final CostEstimate NONE = new CostEstimate("", new TreeMap<>());

  public CostEstimate {
    passes = Collections.unmodifiableSortedMap(new TreeMap<>(passes));
  }

  public static CostEstimate of(String model, Map<Integer, Double> passes) {
    return new CostEstimate(model, new TreeMap<>(passes));
  }

  /** Returns the tokens of all passes. */
  public double tokens() {
    return passes.entrySet().stream().mapToDouble(e -> e.getKey() * e.getValue()).sum();
  }

  /** Returns the tokens of the longest window; 0 if nothing is read. */
  public int longest() {
    return passes.isEmpty() ? 0 : passes.lastKey();
  }
}
