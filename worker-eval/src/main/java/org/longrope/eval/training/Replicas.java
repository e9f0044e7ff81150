package org.longrope.eval.training;

/**
 * Trainers in as many processes, each with its part of every batch; their sums make one gradient,
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
        public void sum(float[] values) {}
      };

  /** Which of them this one is, from 0. */
  int rank();

  /** How many there are. */
  int count();

  /**
   * Replaces values by their sums over all replicas, which are the same bits in each of them. Every
   * replica calls it as often, with as many values.
   */
  void sum(float[] values);
}
