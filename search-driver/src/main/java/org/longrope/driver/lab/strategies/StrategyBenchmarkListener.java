package org.longrope.driver.lab.strategies;

/** Listener to the progress of a strategy benchmark. */
public interface StrategyBenchmarkListener {
  /**
   * Reports progress after an evaluation.
   *
   * @param done tokens evaluated here
   * @param total estimate of tokens evaluated here in the end
   * @param milestone whether a run is finished
   */
  void progress(String line, long done, long total, boolean milestone);

  /** Reports a warning in one sentence. */
  void warning(String sentence);
}
