package org.longrope.driver.cli;

import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardCopyOption;
import org.jspecify.annotations.Nullable;
import org.longrope.eval.BadInputException;

/** A file that an option names for a result. */
final class OutputFile {
  private OutputFile() {}

  /**
   * Said before hours are spent on what could not be written.
   *
   * @param option such as {@code --json}
   * @param file null if it was not asked for
   */
  static void requireWritable(String option, @Nullable Path file) {
    if (file == null) {
      return;
    }
    Path parent = file.toAbsolutePath().getParent();
    if (parent == null || !Files.isWritable(parent) || Files.isDirectory(file)) {
      throw BadInputException.of(
          "Cannot write %s %s: expected a file in a directory that exists and can be written.",
          option, file);
    }
  }

  /** Whole or not at all, as UTF-8. */
  static void write(Path file, String content) throws IOException {
    write(file, content.getBytes(StandardCharsets.UTF_8));
  }

  /** Whole or not at all. */
  static void write(Path file, byte[] content) throws IOException {
    Path part = file.resolveSibling("." + file.getFileName() + ".part");
    Files.write(part, content);
    Files.move(part, file, StandardCopyOption.REPLACE_EXISTING, StandardCopyOption.ATOMIC_MOVE);
  }
}
