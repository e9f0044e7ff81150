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
        public void begin(String training, int step) {}

        @Override
        public void sum(float[] values) {}
      };

  /** Which of them this one is, from 0. */
  int rank();

  /** How many there are. */
  int count();

  /**
   * Compares with the other replicas what each of them is about to do; called once, before the
   * first sum. Gradients of two states must never be added.
   *
   * @param training text that tells the training from others
   * @param step that is done already
   * @throws org.longrope.eval.BadInputException if another replica begins another training, or at
   *     another step
   */
  void begin(String training, int step);

  /**
   * Replaces values by their sums over all replicas, which are the same bits in each of them. Every
   * replica calls it as often, with as many values.
   */
  void sum(float[] values);
}
