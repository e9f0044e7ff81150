package org.longrope.driver.measure.benchmark;

import java.util.List;
import java.util.Optional;
import java.util.regex.Pattern;
import org.longrope.driver.store.files.StoredFile;
import org.longrope.eval.BadInputException;

/** A directory in which a benchmark finds its files by their names. */
record Folder(StoredFile path) {
  /**
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
   * The one file of that kind.
   *
   * @param name pattern of the whole name, capitals or not
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

  /** The one file of that kind, if there is any. */
  Optional<StoredFile> optional(String name, String expected) {
    List<StoredFile> found = all(name);
    if (found.size() > 1) {
      throw BadInputException.of(
          "%s has both %s and %s: expected one %s; keep the one that is meant.",
          path, found.get(0).name(), found.get(1).name(), expected);
    }
    return found.stream().findFirst();
  }

  /** All files of that kind, by name. */
  List<StoredFile> all(String name) {
    Pattern pattern = Pattern.compile(name, Pattern.CASE_INSENSITIVE);
    return path.files().stream().filter(file -> pattern.matcher(file.name()).matches()).toList();
  }
}
