package org.longrope.driver.cli;

import java.nio.file.Path;
import org.jspecify.annotations.Nullable;

/** The file that {@code --json} names. */
final class JsonFile {
  private JsonFile() {}

  /** Said before hours are spent on what could not be written. */
  static void requireWritable(@Nullable Path file) {
    OutputFile.requireWritable("--json", file);
  }
}
