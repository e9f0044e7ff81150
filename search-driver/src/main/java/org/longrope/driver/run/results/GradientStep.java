package org.longrope.driver.run.results;

import java.util.ArrayList;
import java.util.List;
import java.util.stream.DoubleStream;
import org.longrope.driver.run.replay.FitnessEstimator;
import org.longrope.driver.run.replay.RunReplay;
import org.longrope.driver.run.replay.RunReplay.Decision;
import org.longrope.search.Outcome;

/**
 * Step of a search by gradient.
 *
 * @param number from 1, in the order of the decisions; descents take turns
 * @param documents whose gradients made the step
 * @param perplexity of these documents before it, which differ in level from step to step
 * @param byFactors norm of the slope of ln perplexity by log λ and the logarithm of the attention
 *     factor
 * @param byQueryScales norm of that by ψ of all query scales; 0 without
 */
public record GradientStep(
    int number, int documents, double perplexity, double byFactors, double byQueryScales) {

  /** Returns the steps whose gradients are all in the log. */
  static List<GradientStep> of(RunReplay replay, FitnessEstimator estimator) {
    List<GradientStep> steps = new ArrayList<>();
    int number = 0;
    for (Decision decision : replay.decisions()) {
      if (decision.proposal().gradient()) {
        number++;
        if (decision.isComplete()
            && estimator.of(decision.tasks()) instanceof Outcome.Gradient gradient) {
          steps.add(
              new GradientStep(
                  number,
                  decision.proposal().documents().size(),
                  gradient.perplexity(),
                  norm(gradient.byLogFactors(), gradient.byLogAttention()),
                  norm(gradient.byQueryScales(), 0)));
        }
      }
    }
    return steps;
  }

  private static double norm(List<Double> slopes, double last) {
    DoubleStream all =
        DoubleStream.concat(
            slopes.stream().mapToDouble(Double::doubleValue), DoubleStream.of(last));
    return Math.sqrt(all.map(slope -> slope * slope).sum());
  }
}
