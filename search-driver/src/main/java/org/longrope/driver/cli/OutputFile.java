package org.longrope.driver.cli;

import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import org.apache.hadoop.conf.Configuration;
import org.jspecify.annotations.Nullable;
import org.longrope.driver.store.files.FileLocation;
import org.longrope.eval.BadInputException;

/** A file that an option names for a result. */
final class OutputFile {
  private OutputFile() {}

  /**
   * Said before hours are spent on what could not be written.
   *
   * @param option such as {@code --json}
   * @param file null if it was not asked for
   * @param hadoop settings that reach it
   */
  static void requireWritable(String option, @Nullable FileLocation file, Configuration hadoop) {
    if (file == null) {
      return;
    }
    if (file.on(hadoop).isDirectory() || !(file.isRemote() || hasWritableParent(file.local()))) {
      throw BadInputException.of(
          "Cannot write %s %s: expected a file in a directory that exists and can be written.",
          option, file);
    }
  }

  private static boolean hasWritableParent(Path file) {
    Path parent = file.toAbsolutePath().getParent();
    return parent != null && Files.isWritable(parent);
  }

  /** Whole or not at all, as UTF-8. */
  static void write(FileLocation file, String content, Configuration hadoop) throws IOException {
    file.on(hadoop).write(content.getBytes(StandardCharsets.UTF_8));
  }
}
