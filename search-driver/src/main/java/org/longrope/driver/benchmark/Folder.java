package org.longrope.driver.benchmark;

import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Optional;
import java.util.regex.Pattern;
import java.util.stream.Stream;
import org.longrope.eval.BadInputException;

/** A directory in which a benchmark finds its files by their names. */
record Folder(Path path) {
  /**
   * @throws BadInputException if there is no such directory
   */
  static Folder of(Path benchmarks, String name) {
    Path path = benchmarks.resolve(name);
    if (!Files.isDirectory(path)) {
      throw BadInputException.of(
          "No directory %s: expected the files of %s there; put them there, or leave it out of"
              + " --tasks.",
          path, benchmarks.relativize(path));
    }
    return new Folder(path);
  }

  /**
   * The one file of that kind.
   *
   * @param name pattern of the whole name, capitals or not
   * @param expected an example of such a name, for the message
   */
  Path one(String name, String expected) {
    return optional(name, expected)
        .orElseThrow(
            () ->
                BadInputException.of(
                    "%s has no %s: expected the published file under that name or with more before"
                        + " it.",
                    path, expected));
  }

  /** The one file of that kind, if there is any. */
  Optional<Path> optional(String name, String expected) {
    List<Path> found = all(name);
    if (found.size() > 1) {
      throw BadInputException.of(
          "%s has both %s and %s: expected one %s; keep the one that is meant.",
          path, found.get(0).getFileName(), found.get(1).getFileName(), expected);
    }
    return found.stream().findFirst();
  }

  /** All files of that kind, by name. */
  List<Path> all(String name) {
    Pattern pattern = Pattern.compile(name, Pattern.CASE_INSENSITIVE);
    try (Stream<Path> files = Files.list(path)) {
      return files
          .filter(file -> pattern.matcher(file.getFileName().toString()).matches())
          .filter(Files::isRegularFile)
          .sorted()
          .toList();
    } catch (IOException e) {
      throw new UncheckedIOException("Cannot list " + path, e);
    }
  }
}
