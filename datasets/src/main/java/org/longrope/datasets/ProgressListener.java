package org.longrope.datasets;

/** Is told on the driver how a preparation goes; calls come one after the other. */
@FunctionalInterface
public interface ProgressListener {
  /**
   * A share of the work is done.
   *
   * @param documents documents tokenised so far
   * @param tokens their tokens
   * @param sharesDone shares of the input done, all of about the same number of files
   * @param shares how many there are
   */
  void tokenised(long documents, long tokens, int sharesDone, int shares);

  /** Something the user should know: one sentence. */
  default void note(String sentence) {}
}
