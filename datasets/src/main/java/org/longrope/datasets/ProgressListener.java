package org.longrope.datasets;

/** Listener to a preparation's progress, called on the driver, one call after the other. */
@FunctionalInterface
public interface ProgressListener {
  /**
   * Receives the end of a share of the tokenisation.
   *
   * @param documents documents tokenised so far
   * @param tokens their tokens
   * @param sharesDone shares of the input done, all of about the same number of files
   * @param shares of the input
   */
  void tokenised(long documents, long tokens, int sharesDone, int shares);

  /** Receives the end of an input file's first reading, which hashes it. */
  default void read(int filesDone, int files) {}

  /** Receives one sentence for the user. */
  default void note(String sentence) {}
}
