package org.longrope.eval.training;

import java.io.Serializable;
import java.util.List;
import org.longrope.eval.rope.Rescaling;

/**
 * Under which rescaling each step trains, as the paper's Llama 2 with the 128k factors for 400
 * steps and then with the 256k ones for 600 (section 4). The query scales of a rescaling apply too:
 * the steps train the weights, and the scales are constants.
 *
 * @param phases in their order, one or more
 */
public record FactorSchedule(List<Phase> phases) implements Serializable {
  /**
   * Phase of steps under one rescaling.
   *
   * @param steps 1 or more
   */
  public record Phase(Rescaling rescaling, int steps) implements Serializable {}

  public FactorSchedule {
    phases = List.copyOf(phases);
  }

  /** Returns a schedule of one rescaling throughout. */
  public static FactorSchedule of(Rescaling rescaling, int steps) {
    return new FactorSchedule(List.of(new Phase(rescaling, steps)));
  }

  /** Returns the number of steps of all phases. */
  public int steps() {
    return phases.stream().mapToInt(Phase::steps).sum();
  }

  /** Returns the rescaling of a step, counted from 1; beyond the end, that of the last phase. */
  Rescaling at(int step) {
    int end = 0;
    for (Phase phase : phases) {
      end += phase.steps();
      if (step <= end) {
        return phase.rescaling();
      }
    }
    return phases.get(phases.size() - 1).rescaling();
  }
}
