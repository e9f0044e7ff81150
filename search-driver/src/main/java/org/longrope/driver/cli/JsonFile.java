package org.longrope.driver.cli;

import java.nio.file.Files;
import java.nio.file.Path;
import org.jspecify.annotations.Nullable;
import org.longrope.eval.BadInputException;

/** The file that {@code --json} names. */
final class JsonFile {
  private JsonFile() {}

  /** Said before hours are spent on what could not be written. */
  static void requireWritable(@Nullable Path file) {
    if (file == null) {
      return;
    }
    Path parent = file.toAbsolutePath().getParent();
    if (parent == null || !Files.isWritable(parent) || Files.isDirectory(file)) {
      throw BadInputException.of(
          "Cannot write --json %s: expected a file in a directory that exists and can be written.",
          file);
    }
  }
}
