package org.longrope.driver.lab.strategies;

/** Is told how a comparison goes. */
public interface StrategyBenchmarkListener {
  /**
   * Something was evaluated.
   *
   * @param done tokens read here
   * @param total the same with what is to come, about
   * @param milestone whether a run is finished
   */
  void progress(String line, long done, long total, boolean milestone);

  /** Something that a person should know, in one sentence. */
  void warning(String sentence);
}
