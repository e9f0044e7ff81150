package org.longrope.driver.recipe;

import java.nio.file.Path;
import java.util.Locale;
import java.util.Optional;
import org.longrope.driver.run.replay.RunDirectory;

/** Command of a step, with the name of its result. */
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

  /** Returns the command of a name; empty if recipes have no such command. */
  static Optional<StepCommand> of(String name) {
    for (StepCommand command : values()) {
      if (command.toString().equals(name)) {
        return Optional.of(command);
      }
    }
    return Optional.empty();
  }

  /**
   * Returns the result that other steps use: a search's factors, a training's checkpoint, a
   * partition.
   *
   * @param output that the command receives
   */
  public Path result(Path output) {
    return result.isEmpty() ? output : output.resolve(result);
  }

  /** Returns the name on the command line. */
  @Override
  public String toString() {
    return name().toLowerCase(Locale.ROOT);
  }
}
