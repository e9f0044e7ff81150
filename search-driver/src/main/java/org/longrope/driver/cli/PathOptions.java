package org.longrope.driver.cli;

import java.nio.file.Path;
import org.longrope.driver.store.files.FileLocation;
import org.longrope.eval.BadInputException;
import picocli.CommandLine.TypeConversionException;

/** Converters of path options. */
final class PathOptions {
  private PathOptions() {}

  /** Reads a path on this host or on any Hadoop file system. */
  static FileLocation location(String text) {
    try {
      return FileLocation.parse(text);
    } catch (BadInputException e) {
      throw new TypeConversionException(String.valueOf(e.getMessage()));
    }
  }

  /** Reads a path that must be on this host, where files are locked, mapped or run. */
  static Path local(String text) {
    FileLocation location = location(text);
    if (location.isRemote()) {
      throw new TypeConversionException(
          String.format(
              "%s is on another file system: expected a local directory, in which files can be"
                  + " locked; name one, and copy the results from it",
              location));
    }
    return location.local();
  }
}
