package org.longrope.driver.run;

import java.util.OptionalDouble;

/**
 * How far a run is.
 *
 * @param evaluated evaluations that are done, earlier processes' included
 * @param evaluatedHere of them, by this process
 * @param tokensHere scored by this process
 * @param rejected evaluations that gave no number
 * @param queued evaluations that are under way or wait for an executor
 * @param toGo evaluations of the whole run that are to come, at most
 * @param deviceSeconds that evaluations took, earlier processes' included
 * @param best least perplexity of a candidate; empty while there is none
 */
public record RunState(
    long evaluated,
    long evaluatedHere,
    long tokensHere,
    long rejected,
    int queued,
    long toGo,
    double deviceSeconds,
    OptionalDouble best) {

  /** What the evaluations to go will take, going by those done; 0 while none is. */
  public double deviceSecondsToGo() {
    return evaluated == 0 ? 0 : deviceSeconds / evaluated * toGo;
  }
}
