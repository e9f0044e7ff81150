package org.longrope.driver.recipe;

import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Optional;
import org.longrope.driver.factors.WholeFile;
import org.longrope.eval.BadInputException;
import org.longrope.eval.Json;

/** Records of a recipe's steps, one file for each. */
final class StepRecords {
  static final String FOLDER = "steps";
  private static final String REMEDY =
      "restore it from a copy, or remove it together with the step's folder to run the step again";

  private final Path folder;

  /**
   * Opens the records.
   *
   * @param directory of the recipe
   */
  StepRecords(Path directory) {
    folder = directory.resolve(FOLDER);
  }

  /**
   * Reads the record of a step that was begun.
   *
   * @throws BadInputException if the file is damaged
   */
  Optional<StepRecord> read(Step step) {
    Path file = file(step);
    if (!Files.exists(file)) {
      return Optional.empty();
    }
    try {
      return Optional.of(
          Json.read(StepRecord.class, Files.readString(file), file.toString(), REMEDY));
    } catch (IOException e) {
      throw new UncheckedIOException("Cannot read " + file, e);
    }
  }

  void write(Step step, StepRecord record) {
    WholeFile.write(file(step), Json.pretty(record).getBytes(StandardCharsets.UTF_8));
  }

  void remove(Step step) {
    try {
      Files.deleteIfExists(file(step));
    } catch (IOException e) {
      throw new UncheckedIOException("Cannot remove " + file(step), e);
    }
  }

  private Path file(Step step) {
    return folder.resolve(step.name() + ".json");
  }
}
