package org.longrope.driver.measure.benchmark;

import java.util.List;
import java.util.Optional;
import java.util.regex.Pattern;
import org.longrope.driver.store.files.StoredFile;
import org.longrope.eval.BadInputException;

/** Directory in which the files of a benchmark are found by name. */
record Folder(StoredFile path) {
  /**
   * Opens a folder.
   *
   * @throws BadInputException if there is no such directory
   */
  static Folder of(StoredFile benchmarks, String name) {
    StoredFile path = benchmarks.resolve(name);
    if (!path.isDirectory()) {
      throw BadInputException.of(
          "No directory %s: expected the files of %s there; put them there, or leave it out of"
              + " --tasks.",
          path, name);
    }
    return new Folder(path);
  }

  /**
   * Finds the only file with a name.
   *
   * @param name pattern of the whole name, without regard to case
   * @param expected an example of such a name, for the message
   */
  StoredFile one(String name, String expected) {
    return optional(name, expected)
        .orElseThrow(
            () ->
                BadInputException.of(
                    "%s has no %s: expected the published file under that name or with more before"
                        + " it.",
                    path, expected));
  }

  /** Finds the only file with a name, if there is one. */
  Optional<StoredFile> optional(String name, String expected) {
    List<StoredFile> found = all(name);
    if (found.size() > 1) {
      throw BadInputException.of(
          "%s has both %s and %s: expected one %s; keep the one that is meant.",
          path, found.get(0).name(), found.get(1).name(), expected);
    }
    return found.stream().findFirst();
  }

  /** Finds all files with a name, sorted. */
  List<StoredFile> all(String name) {
    Pattern pattern = Pattern.compile(name, Pattern.CASE_INSENSITIVE);
    return path.files().stream().filter(file -> pattern.matcher(file.name()).matches()).toList();
  }
}
