package org.longrope.driver.recipe;

import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import org.jspecify.annotations.Nullable;
import org.longrope.eval.BadInputException;
import org.longrope.eval.checkpoint.Checkpoint;

/**
 * State of a recipe's steps: their records, checked against inputs and results. Remembers what it
 * has read, because hashing a result again may take gigabytes.
 */
final class RecipeState {
  private final Recipe recipe;
  private final Path directory;
  private final StepRecords files;
  private final Fingerprints fingerprints;

  /** Hash of the result, by step; of steps that have one. */
  private final Map<String, String> results = new HashMap<>();

  private final Map<Step, StepRecord> records = new HashMap<>();

  /** Reason why a handed-off result cannot be used, by step. */
  private final Map<String, String> unusable = new HashMap<>();

  RecipeState(Recipe recipe, Path directory, StepRecords files, Fingerprints fingerprints) {
    this.recipe = recipe;
    this.directory = directory;
    this.files = files;
    this.fingerprints = fingerprints;
  }

  /** Tells whether the results that a step needs are there. */
  boolean isReady(Step step) {
    return results.keySet().containsAll(step.needs());
  }

  boolean hasResult(Step step) {
    return results.containsKey(step.name());
  }

  /** Returns the reason why a handed-off result cannot be used; null if there is none. */
  @Nullable String unusable(Step step) {
    return unusable.get(step.name());
  }

  /** Returns the last known record of every step. */
  Map<Step, StepRecord> records() {
    Map<Step, StepRecord> all = new LinkedHashMap<>();
    for (Step step : recipe.steps()) {
      String result = step.result(directory).toString();
      all.put(step, records.getOrDefault(step, StepRecord.pending(Map.of(), "", result)));
    }
    return all;
  }

  void update(Step step, StepRecord record) {
    records.put(step, record);
    if (record.isFinished()) {
      results.put(step.name(), record.resultHash());
    }
  }

  /**
   * Reads the record of a step that is ready, and its result.
   *
   * @throws BadInputException if it was begun with other inputs, or its result was changed
   */
  StepRecord read(Step step) {
    Path result = step.result(directory);
    StepRecord record =
        step.handOff() == null ? readOwn(step, result) : readHandedOff(step, result);
    update(step, record);
    return record;
  }

  private StepRecord readHandedOff(Step step, Path result) {
    StepRecord pending = StepRecord.pending(Map.of(), "", result.toString());
    String hash = handedOff(step, result);
    return hash.isEmpty() ? pending : pending.with(StepRecord.State.HANDED_OFF, hash, 0);
  }

  private StepRecord readOwn(Step step, Path result) {
    Map<String, String> inputs = fingerprints.inputs(step, results);
    String inputsHash = Fingerprints.of(step.command(), inputs);
    StepRecord record =
        files.read(step).orElse(StepRecord.pending(inputs, inputsHash, result.toString()));
    if (!record.inputsHash().equals(inputsHash)) {
      throw BadInputException.of(
          "Step %s in %s was begun with other inputs (%s): expected the same; remove %s to run it"
              + " again, or choose another --output.",
          step.name(), directory, differences(record.inputs(), inputs), folder(step));
    }
    if (record.isFinished()) {
      requireUnchanged(step, record, result);
    }
    return record;
  }

  /** Returns the hash of a handed-off result; empty while it is absent or incomplete. */
  private String handedOff(Step step, Path result) {
    if (!Files.exists(result)) {
      return "";
    }
    try {
      if (step.command() == StepCommand.FINETUNE && !Checkpoint.open(result).isExtended()) {
        throw BadInputException.of(
            "config.json of %s has no longrope factors: expected those that it was fine-tuned"
                + " with.",
            result);
      }
      return fingerprints.result(step, result);
    } catch (BadInputException e) {
      unusable.put(step.name(), String.valueOf(e.getMessage()));
      return "";
    }
  }

  private void requireUnchanged(Step step, StepRecord record, Path result) {
    String now = Files.exists(result) ? fingerprints.result(step, result) : "nothing";
    if (!now.equals(record.resultHash())) {
      throw BadInputException.of(
          "%s of step %s has changed since it was made: restore it, or remove %s to run the step"
              + " again.",
          result, step.name(), folder(step));
    }
  }

  private String folder(Step step) {
    return String.format(
        "%s and %s/%s.json",
        directory.resolve(step.name()), directory.resolve(StepRecords.FOLDER), step.name());
  }

  private static String differences(Map<String, String> before, Map<String, String> now) {
    List<String> names = new ArrayList<>();
    Map<String, String> all = new LinkedHashMap<>(before);
    all.putAll(now);
    for (String name : all.keySet()) {
      if (!Objects.equals(before.get(name), now.get(name))) {
        names.add(name);
      }
    }
    return String.join(", ", names);
  }
}
