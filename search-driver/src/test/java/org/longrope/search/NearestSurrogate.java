package org.longrope.search;

import java.util.Arrays;
import java.util.List;
import java.util.Map;
import java.util.stream.Collectors;
import java.util.stream.IntStream;
import org.longrope.driver.training.Training;
import org.longrope.search.surrogate.CandidateFeatures;

/** Surrogate that predicts the mean of the nearest candidates, without Spark. */
public final class NearestSurrogate implements Surrogate {
  private static final int NEIGHBOURS = 5;

  private record Known(double[] features, double difference) {}

  @Override
  public Training train(List<Observation> observations) {
    Map<Integer, Double> levels =
        observations.stream()
            .collect(
                Collectors.groupingBy(
                    Observation::document, Collectors.averagingDouble(Observation::logPerplexity)));
    List<Known> known =
        observations.stream()
            .map(
                one ->
                    new Known(
                        CandidateFeatures.of(one.candidate()),
                        one.logPerplexity() - levels.get(one.document())))
            .toList();
    return () ->
        candidates -> candidates.stream().mapToDouble(one -> expected(one, known)).toArray();
  }

  private static double expected(Candidate candidate, List<Known> known) {
    double[] features = CandidateFeatures.of(candidate);
    double[] distances = known.stream().mapToDouble(one -> distance(one, features)).toArray();
    double[] sorted = distances.clone();
    Arrays.sort(sorted);
    double reach = sorted[Math.min(NEIGHBOURS, sorted.length) - 1];
    return IntStream.range(0, distances.length)
        .filter(i -> distances[i] <= reach)
        .mapToDouble(i -> known.get(i).difference())
        .average()
        .orElseThrow();
  }

  private static double distance(Known one, double[] features) {
    double sum = 0;
    for (int i = 0; i < features.length; i++) {
      double difference = one.features()[i] - features[i];
      sum += difference * difference;
    }
    return sum;
  }
}
