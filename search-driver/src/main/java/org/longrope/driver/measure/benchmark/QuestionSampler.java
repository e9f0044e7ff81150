package org.longrope.driver.measure.benchmark;

import java.util.ArrayList;
import java.util.List;
import java.util.TreeSet;
import java.util.random.RandomGenerator;
import org.longrope.search.Randomness;

/**
 * Random choices of a benchmark. Each has a generator of its own, derived from the seed, the
 * benchmark and the place of the choice: a question has the same shots whatever other questions are
 * asked.
 */
record QuestionSampler(long seed, Benchmark benchmark) {
  private static final int SHOTS = 0;
  private static final int HELD_OUT = 1;
  private static final int ASKED = 2;

  /** Draws solved examples for the question of an index, all different. */
  List<Item> shots(List<Item> examples, int question, int count) {
    if (benchmark.takesShotsInOrder()) {
      return examples.subList(0, count);
    }
    return sample(examples.size(), count, SHOTS, question).stream().map(examples::get).toList();
  }

  /** Draws the questions that become examples where a benchmark has none; ascending indexes. */
  TreeSet<Integer> heldOut(int questions, int count) {
    return new TreeSet<>(sample(questions, count, HELD_OUT, 0));
  }

  /** Draws the questions that are asked when there is a limit; ascending indexes. */
  TreeSet<Integer> asked(int questions, int limit, int subject) {
    return new TreeSet<>(sample(questions, limit, ASKED, subject));
  }

  /** Draws the first elements of a random order of 0 … size − 1 (Fisher and Yates). */
  private List<Integer> sample(int size, int count, int purpose, int place) {
    RandomGenerator random = Randomness.at(seed, benchmark.toString().hashCode(), purpose, place);
    List<Integer> order = new ArrayList<>();
    for (int i = 0; i < size; i++) {
      order.add(i);
    }
    for (int i = 0; i < count; i++) {
      int other = random.nextInt(i, size);
      Integer drawn = order.get(other);
      order.set(other, order.get(i));
      order.set(i, drawn);
    }
    return order.subList(0, count);
  }
}
