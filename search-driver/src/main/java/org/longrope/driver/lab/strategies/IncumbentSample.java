package org.longrope.driver.lab.strategies;

import java.util.ArrayList;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Set;
import java.util.function.ToDoubleFunction;
import org.longrope.driver.run.results.Trajectory.Incumbent;

/**
 * Sample of incumbents to measure on held-out documents. Measuring all of them would cost as much
 * as a search.
 */
final class IncumbentSample {
  /** Number of incumbents beside the last one. */
  static final int OTHERS = 20;

  private IncumbentSample() {}

  /** Chooses the last one, and the best at points that are evenly spaced in log tokens. */
  static List<Incumbent> of(List<Incumbent> incumbents) {
    int last = incumbents.size() - 1;
    if (last <= OTHERS) {
      return incumbents;
    }
    double begin = Math.log(incumbents.get(0).evaluatedTokens());
    double end = Math.log(incumbents.get(last - 1).evaluatedTokens());
    Set<Incumbent> sample = new LinkedHashSet<>();
    int i = 0;
    for (int k = 0; k < OTHERS - 1; k++) {
      double point = begin + (end - begin) * k / (OTHERS - 1);
      while (i + 1 < last && Math.log(incumbents.get(i + 1).evaluatedTokens()) <= point) {
        i++;
      }
      sample.add(incumbents.get(i));
    }
    sample.add(incumbents.get(last - 1));
    sample.add(incumbents.get(last));
    return List.copyOf(sample);
  }

  /**
   * Returns the incumbents between the first of a sample that is good enough and the one before it
   * in the sample. The first of all that are good enough may be among them.
   *
   * @param sample in its order
   * @param perplexity of one of the sample
   * @param enough at most this
   */
  static List<Incumbent> between(
      List<Incumbent> incumbents,
      List<Incumbent> sample,
      ToDoubleFunction<Incumbent> perplexity,
      double enough) {
    List<Incumbent> between = new ArrayList<>();
    for (int i = 0; i < sample.size(); i++) {
      if (perplexity.applyAsDouble(sample.get(i)) <= enough) {
        int from = i == 0 ? 0 : incumbents.indexOf(sample.get(i - 1)) + 1;
        between.addAll(incumbents.subList(from, incumbents.indexOf(sample.get(i))));
        break;
      }
    }
    return between;
  }
}
