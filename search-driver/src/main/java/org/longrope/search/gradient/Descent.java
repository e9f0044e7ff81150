package org.longrope.search.gradient;

import java.util.ArrayList;
import java.util.Collections;
import java.util.List;
import java.util.Random;
import org.longrope.search.Candidate;
import org.longrope.search.Outcome;
import org.longrope.search.Randomness;

/**
 * A descent from one start. Its answer is a running mean of the points, in which the noise of
 * single documents cancels.
 */
final class Descent {
  private static final int WARM_UP = 3;

  /** Weight of the mean that a new point leaves. */
  private static final double MEMORY = 0.8;

  private final GradientConfig config;
  private final Coordinates coordinates;
  private final int number;
  private final List<Integer> documents;
  private final Adam adam;
  private final double[] point;
  private final double[] mean;
  private double weight;
  private int steps;

  /**
   * Begins a descent.
   *
   * @param number of the descent, from 0
   * @param documents indices of those whose gradients are taken
   */
  Descent(
      GradientConfig config,
      Coordinates coordinates,
      Candidate start,
      int number,
      List<Integer> documents) {
    this.config = config;
    this.coordinates = coordinates;
    this.number = number;
    this.documents = documents;
    point = coordinates.point(start);
    coordinates.clamp(point);
    mean = new double[point.length];
    adam = new Adam(point.length);
  }

  /** Returns the number of steps so far. */
  int steps() {
    return steps;
  }

  boolean isThrough() {
    return steps == config.steps();
  }

  /** Returns the point at which the next gradient is taken. */
  Candidate point() {
    return coordinates.candidate(point);
  }

  /** Returns the documents of the next step, ascending: all are read equally often. */
  List<Integer> batch() {
    int size = Math.min(config.batch(), documents.size());
    List<Integer> batch = new ArrayList<>();
    for (int i = 0; i < size; i++) {
      int place = steps * size + i;
      List<Integer> order = new ArrayList<>(documents);
      Collections.shuffle(order, generator(place / documents.size()));
      batch.add(order.get(place % documents.size()));
    }
    return batch.stream().distinct().sorted().toList();
  }

  private Random generator(int round) {
    return new Random(Randomness.at(config.seed(), number, round).nextLong());
  }

  /** Makes a step. */
  void step(Outcome.Gradient outcome) {
    double[] rates = coordinates.rates(share());
    coordinates.decay(point, rates);
    adam.move(point, coordinates.gradient(outcome), rates);
    coordinates.clamp(point);
    steps++;
    weight = MEMORY * weight + 1 - MEMORY;
    for (int i = 0; i < mean.length; i++) {
      mean[i] += (1 - MEMORY) / weight * (point[i] - mean[i]);
    }
  }

  /** Returns the share of the full rates: a warm-up, then half a cosine to 0. */
  private double share() {
    double warm = Math.min(1, (steps + 1.0) / WARM_UP);
    return warm * (1 + StrictMath.cos(Math.PI * steps / config.steps())) / 2;
  }

  /** Returns the answer so far. */
  Candidate answer() {
    return coordinates.candidate(steps == 0 ? point : mean);
  }
}
