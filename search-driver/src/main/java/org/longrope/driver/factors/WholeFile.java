package org.longrope.driver.factors;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardCopyOption;
import org.longrope.eval.BadInputException;

/** Writes a file whole or not at all: a temporary file beside it and one atomic rename. */
public final class WholeFile {
  private WholeFile() {}

  /**
   * @throws BadInputException if the path can't be written; what was there before is untouched
   */
  public static void write(Path file, byte[] content) {
    Path target = file.toAbsolutePath();
    Path folder = target.getParent();
    if (folder == null || Files.isDirectory(target)) {
      throw BadInputException.of("Cannot write %s: it is a directory; name a file in it.", file);
    }
    Path temporary = folder.resolve("." + target.getFileName() + "." + System.nanoTime() + ".tmp");
    try {
      Files.createDirectories(folder);
      try {
        Files.write(temporary, content);
        Files.move(
            temporary, target, StandardCopyOption.ATOMIC_MOVE, StandardCopyOption.REPLACE_EXISTING);
      } finally {
        Files.deleteIfExists(temporary);
      }
    } catch (IOException e) {
      throw new BadInputException(
          "Cannot write " + file + " (" + e + "); name a path that can be written.", e);
    }
  }
}
