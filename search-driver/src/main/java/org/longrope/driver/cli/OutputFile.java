package org.longrope.driver.cli;

import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import org.apache.hadoop.conf.Configuration;
import org.jspecify.annotations.Nullable;
import org.longrope.driver.store.files.FileLocation;
import org.longrope.eval.BadInputException;

/** File that an option names for a result. */
final class OutputFile {
  private OutputFile() {}

  /**
   * Checks that a file can be written, before hours are spent on its content.
   *
   * @param option such as {@code --json}
   * @param file null if the option is not given
   * @param hadoop settings of its file system
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

  /** Writes a file in UTF-8, whole or not at all. */
  static void write(FileLocation file, String content, Configuration hadoop) throws IOException {
    file.on(hadoop).write(content.getBytes(StandardCharsets.UTF_8));
  }
}
