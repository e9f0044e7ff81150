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
 * Chooses by a surrogate which of a generation's draws are worth an evaluation, as long as it
 * proves that it can.
 *
 * <pre>
 *   generation g   drawn and screened by the model of generations up to g − 2; while it is
 *                  evaluated, the next model learns from those up to g − 1
 *   told           predictions and outcomes are compared by rank before anything learns from them
 * </pre>
 *
 * What a model has seen depends on generations alone and never on time, and draws that it ranks
 * alike keep their order, so that a journal's replay makes the same choices; only where a
 * generation is evaluated sooner than a model is learnt does the search wait for it.
 *
 * <p>Of a surrogate that knows nothing each generation's rank correlation has the mean 0 and the
 * variance 1/(n−1) for n candidates. It screens while the sum of ρ·√(n−1) over the last {@value
 * #RECENT} generations, over the square root of their number, exceeds the normal distribution's
 * quantile of 95 %: one that knows nothing passes in one generation of twenty. Where it does not
 * pass everything drawn is proposed, it goes on predicting what is evaluated, and it screens again
 * when it passes again. Among candidates that it has chosen itself it ranks less well than among
 * all: the test errs on the side of leaving it out.
 */
public final class Screening {
  /** Draws for each that is proposed. */
  private static final int DRAWS = 4;

  private static final int RECENT = 4;
  private static final double QUANTILE = 1.645;

  /** Fewer outcomes say nothing of an order. */
  private static final int LEAST_RANKED = 4;

  /** Of its last observations a model learns: the place where the search is now is what counts. */
  private static final int REMEMBERED = 320;

  private final Surrogate surrogate;
  private final List<Surrogate.Observation> observations = new ArrayList<>();

  /** Of the present generation. */
  private final Map<Candidate, Double> predictions = new HashMap<>();

  private final List<Double> correlations = new ArrayList<>();

  /** ρ·√(n−1) of each. */
  private final List<Double> scores = new ArrayList<>();

  private Surrogate.@Nullable Training training;
  private int screened;

  public Screening(Surrogate surrogate) {
    this.surrogate = surrogate;
  }

  /** How many to draw for each that will be proposed. */
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
   * The most promising of a generation's draws, in their order, for which it waits for the model
   * that is being learnt.
   *
   * @param count how many, at most as many as there are
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

  /** Has the next generation's model learn from all that was told. */
  public void train() {
    int all = observations.size();
    if (all > 0) {
      training =
          surrogate.train(List.copyOf(observations.subList(Math.max(0, all - REMEMBERED), all)));
    }
  }

  /**
   * Compares a generation with what was predicted, and keeps it for later models.
   *
   * @param document what they were scored on
   */
  public void learn(int document, Map<Candidate, Outcome.Fitness> outcomes) {
    List<Double> predicted = new ArrayList<>();
    List<Double> came = new ArrayList<>();
    outcomes.forEach(
        (candidate, fitness) -> {
          double logPerplexity = StrictMath.log(fitness.perplexity());
          observations.add(new Surrogate.Observation(candidate, document, logPerplexity));
          Double prediction = predictions.get(candidate);
          if (prediction != null) {
            predicted.add(prediction);
            came.add(logPerplexity);
          }
        });
    if (predicted.size() >= LEAST_RANKED) {
      double correlation = RankCorrelation.of(values(predicted), values(came));
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

  /** How well it did; empty if it has predicted nothing. */
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
