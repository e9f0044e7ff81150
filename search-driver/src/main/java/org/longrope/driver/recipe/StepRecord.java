package org.longrope.driver.recipe;

import com.fasterxml.jackson.annotation.JsonProperty;
import java.util.Locale;
import java.util.Map;
import java.util.TreeMap;

/**
 * Progress of a step, as its file in the recipe's directory keeps it.
 *
 * @param formatVersion of the file
 * @param inputs on which the step's numbers depend, by option
 * @param inputsHash of all of them
 * @param result path of the step's output
 * @param resultHash of that; empty until it is there
 * @param seconds that the step took, those of interrupted attempts not counted
 */
record StepRecord(
    int formatVersion,
    State state,
    Map<String, String> inputs,
    @JsonProperty("inputs_sha256") String inputsHash,
    @JsonProperty("output") String result,
    @JsonProperty("output_sha256") String resultHash,
    double seconds) {
  private static final int FORMAT_VERSION = 1;

  enum State {
    /** Not started yet. */
    @JsonProperty("pending")
    PENDING,
    /** Running, or interrupted. */
    @JsonProperty("begun")
    BEGUN,
    @JsonProperty("done")
    DONE,
    /** Finished by other means than the step's command. */
    @JsonProperty("handed-off")
    HANDED_OFF;

    @Override
    public String toString() {
      return name().toLowerCase(Locale.ROOT).replace('_', '-');
    }
  }

  StepRecord {
    if (formatVersion != FORMAT_VERSION) {
      throw new IllegalArgumentException(
          "format_version is " + formatVersion + ", expected " + FORMAT_VERSION);
    }
    inputs = new TreeMap<>(inputs);
  }

  StepRecord(
      State state,
      Map<String, String> inputs,
      String inputsHash,
      String result,
      String resultHash,
      double seconds) {
    this(FORMAT_VERSION, state, inputs, inputsHash, result, resultHash, seconds);
  }

  /** Describes a step that is not started. */
  static StepRecord pending(Map<String, String> inputs, String inputsHash, String result) {
    return new StepRecord(State.PENDING, inputs, inputsHash, result, "", 0);
  }

  /** Returns a copy in another state. */
  StepRecord with(State newState, String newResultHash, double newSeconds) {
    return new StepRecord(newState, inputs, inputsHash, result, newResultHash, newSeconds);
  }

  boolean isFinished() {
    return state == State.DONE || state == State.HANDED_OFF;
  }
}
