package org.longrope.driver.cli;

import org.longrope.driver.store.files.FileLocation;
import picocli.CommandLine.Option;

/** Option of commands that work on one model. */
final class ModelOption {
  @Option(
      names = "--model",
      required = true,
      paramLabel = "DIR",
      description = "Hugging Face checkpoint.")
  private FileLocation location = FileLocation.parse("");

  FileLocation location() {
    return location;
  }

  /** Returns the location as it was given. */
  @Override
  public String toString() {
    return location.toString();
  }
}
