package org.longrope.driver.store.files;

import java.io.FileNotFoundException;
import java.io.IOException;
import java.io.InputStream;
import java.io.UncheckedIOException;
import java.nio.charset.StandardCharsets;
import java.util.Arrays;
import java.util.Comparator;
import java.util.List;
import org.apache.hadoop.conf.Configuration;
import org.apache.hadoop.fs.FSDataOutputStream;
import org.apache.hadoop.fs.FileStatus;
import org.apache.hadoop.fs.FileSystem;
import org.apache.hadoop.fs.LocalFileSystem;
import org.apache.hadoop.fs.Path;
import org.apache.hadoop.fs.RawLocalFileSystem;
import org.longrope.eval.AtomicFile;
import org.longrope.eval.BadInputException;

/**
 * Directory on any Hadoop file system, with the operations of runs: files are replaced whole, or
 * appended to without loss of what was flushed.
 */
public final class HadoopDirectory {
  private final FileSystem files;
  private final Path directory;

  private HadoopDirectory(FileSystem files, Path directory) {
    this.files = files;
    this.directory = directory;
  }

  /**
   * Names a directory that need not exist.
   *
   * @param purpose for the message: a run directory, say
   * @throws BadInputException if it is no path of a known file system
   */
  public static HadoopDirectory at(String location, String purpose, Configuration hadoop) {
    try {
      Path path = new Path(location);
      FileSystem files = path.getFileSystem(hadoop);
      // The checksummed local file system cannot flush; a killed driver would lose its last
      // records.
      FileSystem plain = files instanceof LocalFileSystem local ? local.getRawFileSystem() : files;
      return new HadoopDirectory(plain, plain.makeQualified(path));
    } catch (IOException | IllegalArgumentException e) {
      throw new BadInputException(
          String.format(
              "Cannot use %s as %s: %s; expected a path on a Hadoop file system.",
              location, purpose, e.getMessage()),
          e);
    }
  }

  /** Returns the location as users give it to commands. */
  public String location() {
    return files instanceof RawLocalFileSystem ? directory.toUri().getPath() : directory.toString();
  }

  /** Tells whether a file exists. */
  public boolean exists(String name) {
    try {
      return files.exists(new Path(directory, name));
    } catch (IOException e) {
      throw new UncheckedIOException("Cannot look into " + directory, e);
    }
  }

  /** Tells whether there is no directory or an empty one. */
  public boolean isEmpty() {
    try {
      return !files.exists(directory) || files.listStatus(directory).length == 0;
    } catch (IOException e) {
      throw new UncheckedIOException("Cannot look into " + location(), e);
    }
  }

  /** Tells whether a file is at this location. */
  public boolean isFile() {
    try {
      return files.exists(directory) && !files.getFileStatus(directory).isDirectory();
    } catch (IOException e) {
      throw new UncheckedIOException("Cannot look into " + location(), e);
    }
  }

  /** Reads a whole file as UTF-8. Closes it first if its writer died while it was open. */
  public String read(String name) {
    Path file = new Path(directory, name);
    try {
      try {
        return text(file);
      } catch (IOException e) {
        // Never before a read has failed: it would cut off a writer that lives.
        if (UnfinishedFile.close(files, file)) {
          return text(file);
        }
        throw e;
      }
    } catch (IOException e) {
      throw new UncheckedIOException("Cannot read " + file, e);
    }
  }

  /**
   * Reads the present content of a file as UTF-8, and leaves the file to its writer, which may be
   * alive.
   */
  public String readShared(String name) {
    Path file = new Path(directory, name);
    try {
      return text(file);
    } catch (IOException e) {
      throw new UncheckedIOException("Cannot read " + file, e);
    }
  }

  private String text(Path file) throws IOException {
    try (InputStream stream = files.open(file)) {
      return new String(stream.readAllBytes(), StandardCharsets.UTF_8);
    }
  }

  /** Replaces a file: readers see the old one or the new one, whole. */
  public void write(String name, byte[] bytes) {
    Path file = new Path(directory, name);
    try {
      AtomicHadoopFile.write(files, file, bytes);
    } catch (IOException e) {
      throw new UncheckedIOException("Cannot write " + file, e);
    }
  }

  /** Removes what processes left of a file when they died before it was whole. */
  public void removeUnfinished(String name) {
    try {
      for (FileStatus status : files.listStatus(directory)) {
        if (AtomicFile.isPartOf(name, status.getPath().getName())) {
          files.delete(status.getPath(), false);
        }
      }
    } catch (FileNotFoundException e) {
      return; // Without a directory there is no file in it.
    } catch (IOException e) {
      throw new UncheckedIOException("Cannot look into " + location(), e);
    }
  }

  /** Lists the names of the files in a folder, sorted; none if there is no such folder. */
  public List<String> list(String folder) {
    try {
      return Arrays.stream(files.listStatus(new Path(directory, folder)))
          .filter(FileStatus::isFile)
          .map(status -> status.getPath().getName())
          .sorted(Comparator.naturalOrder())
          .toList();
    } catch (FileNotFoundException e) {
      return List.of();
    } catch (IOException e) {
      throw new UncheckedIOException("Cannot list " + new Path(directory, folder), e);
    }
  }

  /**
   * Creates a file to append to; fails if it exists. Local files are not buffered: when it is
   * closed, a buffer would repeat a failed write after the part that was written.
   */
  public FSDataOutputStream append(String name) throws IOException {
    return files.create(new Path(directory, name), false, 1);
  }

  /** Describes a failed operation with the file system's reason. */
  public static String sentence(UncheckedIOException failure) {
    IOException cause = failure.getCause();
    String reason = String.valueOf(cause == null ? null : cause.getMessage());
    return failure.getMessage() + ": " + reason.lines().findFirst().orElse("");
  }
}
