package org.longrope.search.cmaes;

import java.util.ArrayList;
import java.util.Arrays;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.random.RandomGenerator;
import java.util.stream.IntStream;
import org.longrope.eval.rope.RopeGeometry;
import org.longrope.search.Candidate;
import org.longrope.search.Randomness;
import org.longrope.search.Sample;
import org.longrope.search.SearchSpace;

/**
 * Distribution that a generation is sampled from: a normal distribution of coordinates around a
 * candidate, which learns from the ranking of its samples.
 */
final class Distribution {
  private static final int CONTROL_POINTS = 8;

  /** First deviation of log λ, relative to the logarithm of the greatest factor. */
  private static final double DEVIATION = 0.15;

  private static final double LEAST_DEVIATION = 0.02;

  /** First deviation of the critical dimension, as a factor of the turns that it makes. */
  private static final double CRITICAL_DEVIATION = 1.5;

  private static final double ATTENTION_DEVIATION = 0.04;
  private static final double LEAST_ATTENTION_DEVIATION = 0.005;

  /** In indices of the list of allowed start tokens. */
  private static final double START_TOKENS_DEVIATION = 1;

  private static final double LEAST_START_TOKENS_DEVIATION = 0.3;

  /** Deviation of single factors relative to that of the control points. */
  private static final double REFINING = 0.4;

  private final CmaEsConfig parameters;
  private final SearchSpace space;
  private final Coordinates coordinates;
  private final CovarianceAdaptation adaptation;

  /** Samples of the present generation by their candidate. */
  private final Map<Candidate, List<double[]>> draws = new LinkedHashMap<>();

  private Distribution(
      CmaEsConfig parameters,
      SearchSpace space,
      Coordinates coordinates,
      CovarianceAdaptation adaptation) {
    this.parameters = parameters;
    this.space = space;
    this.coordinates = coordinates;
    this.adaptation = adaptation;
  }

  /**
   * Returns a distribution of few control points around a candidate; of all pairs if they are few.
   */
  static Distribution around(Candidate centre, CmaEsConfig parameters, SearchSpace space) {
    boolean bending = parameters.with(Feature.CONTROL_POINTS) && space.pairs() > CONTROL_POINTS;
    double deviation = DEVIATION * StrictMath.log(space.upper() / (double) space.lower());
    return of(
        parameters,
        space,
        centre,
        bending ? CONTROL_POINTS : space.pairs(),
        Math.max(LEAST_DEVIATION, deviation),
        bending && parameters.with(Feature.SHIFT),
        ATTENTION_DEVIATION,
        START_TOKENS_DEVIATION);
  }

  /** Returns whether it moves a few control points instead of every factor. */
  boolean bends() {
    return coordinates.points() < space.pairs();
  }

  /** Returns a distribution around the same mean that moves every factor by itself. */
  Distribution refined() {
    double[] deviations = adaptation.deviations();
    int points = coordinates.points();
    double deviation = Arrays.stream(deviations).limit(points).average().orElseThrow();
    return of(
        parameters,
        space,
        mean(),
        space.pairs(),
        Math.max(LEAST_DEVIATION, REFINING * deviation),
        false,
        Math.max(LEAST_ATTENTION_DEVIATION, coordinates.attention(deviations)),
        Math.max(LEAST_START_TOKENS_DEVIATION, coordinates.startTokens(deviations)));
  }

  private static Distribution of(
      CmaEsConfig parameters,
      SearchSpace space,
      Candidate centre,
      int points,
      double bend,
      boolean shifts,
      double attention,
      double startTokens) {
    Coordinates coordinates =
        new Coordinates(
            space,
            centre,
            points,
            shifts,
            parameters.with(Feature.ATTENTION),
            parameters.with(Feature.START_TOKENS));
    RopeGeometry rope = space.rope();
    double shift = rope.pairTurning(1) - rope.pairTurning(CRITICAL_DEVIATION);
    double[] deviations = coordinates.each(bend, shift, attention, startTokens);
    double[][] covariance = new double[deviations.length][deviations.length];
    for (int i = 0; i < deviations.length; i++) {
      covariance[i][i] = deviations[i] * deviations[i];
    }
    return new Distribution(
        parameters,
        space,
        coordinates,
        new CovarianceAdaptation(
            new double[deviations.length], covariance, parameters.generation()));
  }

  /** Returns the candidate at the centre. */
  Candidate mean() {
    return coordinates.candidate(adaptation.mean());
  }

  /** Draws samples for a generation; a sample does not depend on their number. */
  List<Sample> draw(int generation, int count) {
    return IntStream.range(0, count)
        .mapToObj(slot -> draw(Randomness.at(parameters.seed(), generation, slot)))
        .toList();
  }

  /** Draws a sample. */
  Sample draw(RandomGenerator random) {
    double[] normal = new double[coordinates.dimension()];
    for (int i = 0; i < normal.length; i++) {
      normal[i] = normal(random);
    }
    return new Sample(normal, coordinates.candidate(adaptation.point(normal)));
  }

  /**
   * Sets the samples of the present generation.
   *
   * @return their candidates in order, each once
   */
  List<Candidate> propose(List<Sample> chosen) {
    draws.clear();
    for (Sample draw : chosen) {
      draws.computeIfAbsent(draw.candidate(), one -> new ArrayList<>()).add(draw.normal());
    }
    return List.copyOf(draws.keySet());
  }

  /** Draws a standard normal value, equal on every Java (Box and Muller). */
  private static double normal(RandomGenerator random) {
    double radius = Math.sqrt(-2 * StrictMath.log(1 - random.nextDouble()));
    return radius * StrictMath.cos(2 * Math.PI * random.nextDouble());
  }

  /** Returns the point of a sample that was drawn from the present state. */
  double[] point(Sample sample) {
    return adaptation.point(sample.normal());
  }

  /** Returns a point near a candidate that another distribution proposed. */
  double[] point(Candidate candidate) {
    return coordinates.vector(candidate);
  }

  /**
   * Moves towards the better points, which earlier states may have proposed.
   *
   * @param ranked as many points as a generation has, best first
   */
  void learnPoints(List<double[]> ranked) {
    adaptation.learn(ranked.stream().map(adaptation::normal).toList());
    adaptation.moveTo(coordinates.inside(adaptation.mean()));
  }

  /**
   * Moves towards the better samples.
   *
   * @param ranking candidates of the generation, best first; others are ignored
   */
  void learn(List<Candidate> ranking) {
    List<double[]> ranked = new ArrayList<>();
    for (Candidate candidate : ranking) {
      ranked.addAll(draws.getOrDefault(candidate, List.of()));
    }
    adaptation.learn(ranked);
    adaptation.moveTo(coordinates.inside(adaptation.mean()));
  }
}
