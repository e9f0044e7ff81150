package org.longrope.driver.factors;

import java.io.IOException;
import java.nio.file.Path;
import org.longrope.driver.store.files.StoredFile;
import org.longrope.eval.BadInputException;

/** Writer of a whole file that reports failures to the user. */
public final class WholeFile {
  private WholeFile() {}

  /**
   * Replaces a file.
   *
   * @throws BadInputException if the path can't be written; the old content is left
   */
  public static void write(Path file, byte[] content) {
    write(StoredFile.of(file), content);
  }

  /**
   * Replaces a file.
   *
   * @throws BadInputException if the path can't be written; the old content is left
   */
  public static void write(StoredFile file, byte[] content) {
    if (file.isDirectory()) {
      throw BadInputException.of("Cannot write %s: it is a directory; name a file in it.", file);
    }
    try {
      file.write(content);
    } catch (IOException e) {
      throw new BadInputException(
          "Cannot write " + file + " (" + e + "); name a path that can be written.", e);
    }
  }
}
