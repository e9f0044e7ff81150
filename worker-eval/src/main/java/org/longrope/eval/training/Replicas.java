package org.longrope.eval.training;

/**
 * Trainers in several processes, each with its part of every batch. Their sums make one gradient,
 * so that all of them take the same step.
 */
public interface Replicas {
  /** One trainer has the whole batch. */
  Replicas ONE =
      new Replicas() {
        @Override
        public int rank() {
          return 0;
        }

        @Override
        public int count() {
          return 1;
        }

        @Override
        public void begin(String training, int step) {}

        @Override
        public void sum(float[] values) {}
      };

  /** Returns the index of this replica, from 0. */
  int rank();

  /** Returns the number of replicas. */
  int count();

  /**
   * Checks that the other replicas begin the same training at the same step; called once, before
   * the first sum. Gradients of two states must never be added.
   *
   * @param training text that identifies the training
   * @param step that is done already
   * @throws org.longrope.eval.BadInputException if another replica begins another training, or at
   *     another step
   */
  void begin(String training, int step);

  /**
   * Replaces values by their sums over all replicas, with equal bits in each of them. Every replica
   * makes the same calls, with as many values.
   */
  void sum(float[] values);
}
