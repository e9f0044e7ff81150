package org.longrope.search.surrogate;

import java.util.ArrayList;
import java.util.Comparator;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.stream.IntStream;
import org.jspecify.annotations.Nullable;
import org.longrope.search.Candidate;
import org.longrope.search.Outcome;
import org.longrope.search.Sample;
import org.longrope.search.ScreeningStats;
import org.longrope.search.Surrogate;

/**
 * Choice of the samples of a generation that are evaluated, by a surrogate that has to prove
 * itself.
 *
 * <pre>
 *   generation g   is screened by the model of generations up to g − 2; while it is evaluated, the
 *                  next model learns from generations up to g − 1
 *   outcomes       are compared with the predictions by rank before a model learns from them
 * </pre>
 *
 * The observations of a model depend on generations alone and never on time, and samples of equal
 * rank keep their order, so that a replay makes the same choices. If a generation is evaluated
 * before the model is ready, the search waits for the model.
 *
 * <p>For a surrogate without any knowledge the rank correlation ρ of a generation of n candidates
 * has mean 0 and variance 1/(n−1). The surrogate screens while the sum of ρ·√(n−1) over the last
 * {@value #RECENT} generations, divided by the square root of their number, exceeds the 95 %
 * quantile of the normal distribution: without knowledge it passes in one generation of twenty.
 * While it does not pass, every sample is proposed and it keeps predicting. Among candidates that
 * it chose itself it ranks less well than among all, so the test rather leaves it out.
 */
public final class Screening {
  /** Samples for each proposal. */
  private static final int DRAWS = 4;

  private static final int RECENT = 4;
  private static final double QUANTILE = 1.645;

  /** Fewer outcomes are not compared. */
  private static final int LEAST_RANKED = 4;

  /** Number of last observations to learn from: only the present region of the search matters. */
  private static final int REMEMBERED = 320;

  private final Surrogate surrogate;
  private final List<Surrogate.Observation> observations = new ArrayList<>();

  /** Predictions for the present generation. */
  private final Map<Candidate, Double> predictions = new HashMap<>();

  private final List<Double> correlations = new ArrayList<>();

  /** Values of ρ·√(n−1), one for each correlation. */
  private final List<Double> scores = new ArrayList<>();

  private Surrogate.@Nullable Training training;
  private int screened;

  public Screening(Surrogate surrogate) {
    this.surrogate = surrogate;
  }

  /** Returns the number of samples to draw for each proposal. */
  public int draws() {
    return training != null && proven() ? DRAWS : 1;
  }

  private boolean proven() {
    return scores.size() >= RECENT
        && recent(scores).stream().mapToDouble(Double::doubleValue).sum() / Math.sqrt(RECENT)
            > QUANTILE;
  }

  private static List<Double> recent(List<Double> all) {
    return all.subList(Math.max(0, all.size() - RECENT), all.size());
  }

  /**
   * Selects the most promising samples of a generation, in their order; waits for the model that
   * predicts them.
   *
   * @param count number to select, at most the number of samples
   */
  public List<Sample> promising(List<Sample> drawn, int count) {
    predictions.clear();
    if (training == null) {
      return drawn.subList(0, count);
    }
    double[] predicted = training.model().predict(drawn.stream().map(Sample::candidate).toList());
    for (int i = 0; i < predicted.length; i++) {
      predictions.put(drawn.get(i).candidate(), predicted[i]);
    }
    screened += drawn.size() > count ? 1 : 0;
    return IntStream.range(0, drawn.size())
        .boxed()
        .sorted(Comparator.comparingDouble(i -> predicted[i]))
        .limit(count)
        .sorted()
        .map(drawn::get)
        .toList();
  }

  /** Starts to learn the model of the next generation from all outcomes so far. */
  public void train() {
    int all = observations.size();
    if (all > 0) {
      training =
          surrogate.train(List.copyOf(observations.subList(Math.max(0, all - REMEMBERED), all)));
    }
  }

  /**
   * Compares a generation's outcomes with the predictions, and keeps them for later models.
   *
   * @param document index of the document that they were scored on
   */
  public void learn(int document, Map<Candidate, Outcome.Fitness> outcomes) {
    List<Double> predicted = new ArrayList<>();
    List<Double> actual = new ArrayList<>();
    outcomes.forEach(
        (candidate, fitness) -> {
          double logPerplexity = StrictMath.log(fitness.perplexity());
          observations.add(new Surrogate.Observation(candidate, document, logPerplexity));
          Double prediction = predictions.get(candidate);
          if (prediction != null) {
            predicted.add(prediction);
            actual.add(logPerplexity);
          }
        });
    if (predicted.size() >= LEAST_RANKED) {
      double correlation = RankCorrelation.of(values(predicted), values(actual));
      correlations.add(correlation);
      scores.add(correlation * Math.sqrt(predicted.size() - 1));
    }
  }

  private static double[] values(List<Double> list) {
    return list.stream().mapToDouble(Double::doubleValue).toArray();
  }

  private static double mean(List<Double> list) {
    return list.stream().mapToDouble(Double::doubleValue).average().orElse(0);
  }

  /** Returns how well it has predicted; empty without predictions. */
  public Optional<ScreeningStats> stats() {
    return correlations.isEmpty()
        ? Optional.empty()
        : Optional.of(
            new ScreeningStats(
                mean(correlations),
                mean(recent(correlations)),
                correlations.size(),
                screened,
                proven()));
  }
}
