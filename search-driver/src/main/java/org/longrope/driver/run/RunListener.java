package org.longrope.driver.run;

import java.util.Map;
import java.util.OptionalDouble;

/** Is told how a run goes, on the driver. */
public interface RunListener {
  /** The methods to beat were measured: perplexity at the target length by name. */
  void baselines(Map<String, Double> perplexities);

  /**
   * A generation was scored.
   *
   * @param generation 0 for the first population
   * @param iterations the last generation's number
   * @param best least perplexity of the run so far; empty while all were rejected
   * @param median of this generation; empty if all were rejected
   * @param rejected candidates of this generation
   */
  void generation(
      int generation, int iterations, OptionalDouble best, OptionalDouble median, int rejected);

  /**
   * One more document was scored.
   *
   * @param done in this process
   * @param toGo in the whole run, at most
   */
  void evaluation(long done, long toGo);
}
