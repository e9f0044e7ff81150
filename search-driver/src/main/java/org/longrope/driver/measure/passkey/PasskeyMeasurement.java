package org.longrope.driver.measure.passkey;

import java.util.List;
import org.longrope.eval.passkey.PasskeyGrid;
import org.longrope.eval.passkey.PasskeyResult;

/**
 * Answered passkey test.
 *
 * @param grid of the questions
 * @param needle whether only the key's likelihood was measured, without generating an answer
 * @param results in the order of the grid's questions
 */
public record PasskeyMeasurement(PasskeyGrid grid, boolean needle, List<PasskeyResult> results) {

  /**
   * Sum over several trials.
   *
   * @param trials number of them
   * @param retrieved number of answers that begin with the key
   * @param keyNll Σ NLL of the keys' tokens, nats
   * @param keyTokens number of those tokens
   */
  public record Score(int trials, int retrieved, double keyNll, long keyTokens) {
    private static Score of(List<PasskeyResult> results) {
      return new Score(
          results.size(),
          (int) results.stream().filter(PasskeyResult::retrieved).count(),
          results.stream().mapToDouble(PasskeyResult::keyNll).sum(),
          results.stream().mapToLong(PasskeyResult::keyTokens).sum());
    }

    /** Returns the share of trials whose key was retrieved, 0 … 1. */
    public double accuracy() {
      return (double) retrieved / trials;
    }

    /** Returns the mean NLL of a token of the key, nats. */
    public double meanKeyNll() {
      return keyNll / keyTokens;
    }

    /** Returns exp of the mean NLL: 1 where the model is sure of every token of the key. */
    public double needlePerplexity() {
      return Math.exp(meanKeyNll());
    }
  }

  public PasskeyMeasurement {
    results = List.copyOf(results);
  }

  /** Sums up the trials of a length at a depth, both by their index in the grid. */
  public Score at(int length, int depth) {
    int cell = length * grid.depths() + depth;
    return Score.of(results.subList(cell * grid.trials(), (cell + 1) * grid.trials()));
  }

  /** Sums up the trials of a length, by its index in the grid. */
  public Score at(int length) {
    int trials = grid.depths() * grid.trials();
    return Score.of(results.subList(length * trials, (length + 1) * trials));
  }
}
