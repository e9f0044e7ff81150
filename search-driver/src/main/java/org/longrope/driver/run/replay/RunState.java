package org.longrope.driver.run.replay;

import java.util.OptionalDouble;

/**
 * Progress of a run.
 *
 * @param evaluated evaluations that are done, earlier processes' included
 * @param evaluatedHere of them, by this process
 * @param live evaluations that were done for this run, and not taken from an evaluation cache,
 *     earlier processes' included
 * @param liveHere of them, by this process
 * @param tokensHere scored by this process, without those of an evaluation cache
 * @param rejected evaluations that gave no number
 * @param queued evaluations that run or wait for an executor
 * @param toGo evaluations of the whole run that are to come, at most
 * @param deviceSeconds time of all evaluations added up, also those of earlier processes: seconds
 *     on one device each, where an executor's slot on CPU cores counts as one device
 * @param best least perplexity of a candidate; empty while there is none
 */
public record RunState(
    long evaluated,
    long evaluatedHere,
    long live,
    long liveHere,
    long tokensHere,
    long rejected,
    int queued,
    long toGo,
    double deviceSeconds,
    OptionalDouble best) {

  /**
   * Estimates the time of the remaining evaluations from those done, at most: an evaluation cache
   * may have some of them. 0 while none is done.
   */
  public double deviceSecondsToGo() {
    return live == 0 ? 0 : deviceSeconds / live * toGo;
  }
}
