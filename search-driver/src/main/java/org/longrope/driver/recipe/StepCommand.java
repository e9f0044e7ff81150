package org.longrope.driver.recipe;

import java.nio.file.Path;
import java.util.Locale;
import java.util.Optional;
import org.longrope.driver.run.replay.RunDirectory;

/** The commands that a step of a recipe may be, and what each leaves. */
public enum StepCommand {
  PREPARE(""),
  SEARCH(RunDirectory.FACTORS),
  FINETUNE(""),
  PERPLEXITY("perplexity.json"),
  PASSKEY("passkey.json"),
  BENCHMARK("benchmark.json"),
  EXPORT("");

  private final String result;

  StepCommand(String result) {
    this.result = result;
  }

  /** The command of that name; empty if a recipe has none such. */
  static Optional<StepCommand> of(String name) {
    for (StepCommand command : values()) {
      if (command.toString().equals(name)) {
        return Optional.of(command);
      }
    }
    return Optional.empty();
  }

  /**
   * What other steps mean by the step's name: a search's factors, a training's checkpoint, a
   * partition.
   *
   * @param output what the command was given as its output
   */
  public Path result(Path output) {
    return result.isEmpty() ? output : output.resolve(result);
  }

  /** As on the command line. */
  @Override
  public String toString() {
    return name().toLowerCase(Locale.ROOT);
  }
}
