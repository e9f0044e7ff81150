package org.longrope.driver.run;

import java.io.FileNotFoundException;
import java.io.IOException;
import java.io.InputStream;
import java.io.OutputStream;
import java.io.UncheckedIOException;
import java.nio.charset.StandardCharsets;
import java.util.Arrays;
import java.util.Comparator;
import java.util.List;
import org.apache.hadoop.conf.Configuration;
import org.apache.hadoop.fs.CommonPathCapabilities;
import org.apache.hadoop.fs.FSDataOutputStream;
import org.apache.hadoop.fs.FileContext;
import org.apache.hadoop.fs.FileStatus;
import org.apache.hadoop.fs.FileSystem;
import org.apache.hadoop.fs.LocalFileSystem;
import org.apache.hadoop.fs.Options;
import org.apache.hadoop.fs.Path;
import org.apache.hadoop.fs.RawLocalFileSystem;
import org.longrope.eval.BadInputException;

/**
 * Everything that a run leaves behind, on any Hadoop file system.
 *
 * <pre>
 *   run.json             settings and what the run is measured with
 *   journal/             every evaluation, append-only
 *   factors.json         the best so far
 *   summary.txt, .json   the methods compared
 *   convergence.png, factors.png
 * </pre>
 */
public final class RunDirectory {
  public static final String RUN = "run.json";
  public static final String FACTORS = "factors.json";
  public static final String SUMMARY_TEXT = "summary.txt";
  public static final String SUMMARY_JSON = "summary.json";
  public static final String CONVERGENCE_PLOT = "convergence.png";
  public static final String FACTOR_PLOT = "factors.png";

  private final FileSystem files;
  private final Path directory;

  private RunDirectory(FileSystem files, Path directory) {
    this.files = files;
    this.directory = directory;
  }

  /**
   * A directory for a new run.
   *
   * @throws BadInputException if a run, or anything else, is there already
   */
  public static RunDirectory create(String location, Configuration hadoop) {
    RunDirectory run = at(location, hadoop);
    try {
      if (run.exists(RUN)) {
        throw BadInputException.of(
            "%s already holds a run: go on with it by 'resume %s', or choose another --output.",
            location, location);
      }
      // Of a process that died before its run had begun.
      run.files.delete(run.part(RUN), false);
      if (run.files.exists(run.directory) && run.files.listStatus(run.directory).length > 0) {
        throw BadInputException.of(
            "%s exists and is not empty: choose another --output, or remove it.", location);
      }
      return run;
    } catch (IOException e) {
      throw new UncheckedIOException("Cannot look into " + location, e);
    }
  }

  /**
   * The directory of a run that was begun.
   *
   * @throws BadInputException if there is none
   */
  public static RunDirectory open(String location, Configuration hadoop) {
    RunDirectory run = at(location, hadoop);
    if (!run.exists(RUN)) {
      throw BadInputException.of(
          "No run in %s: expected a directory with %s, as 'search --output' makes it.",
          location, RUN);
    }
    return run;
  }

  /** Whether a run was begun there. */
  public static boolean holdsRun(String location, Configuration hadoop) {
    return at(location, hadoop).exists(RUN);
  }

  private static RunDirectory at(String location, Configuration hadoop) {
    try {
      Path path = new Path(location);
      FileSystem files = path.getFileSystem(hadoop);
      // The checksummed local file system cannot flush; a killed driver would lose its last
      // records.
      FileSystem plain = files instanceof LocalFileSystem local ? local.getRawFileSystem() : files;
      return new RunDirectory(plain, plain.makeQualified(path));
    } catch (IOException | IllegalArgumentException e) {
      throw new BadInputException(
          String.format(
              "Cannot use %s as a run directory: %s; expected a path on a Hadoop file system.",
              location, e.getMessage()),
          e);
    }
  }

  /** As people give it to other commands. */
  public String location() {
    return files instanceof RawLocalFileSystem ? directory.toUri().getPath() : directory.toString();
  }

  /** Whether a file is there. */
  public boolean exists(String name) {
    try {
      return files.exists(new Path(directory, name));
    } catch (IOException e) {
      throw new UncheckedIOException("Cannot look into " + directory, e);
    }
  }

  /** Reads a whole file as UTF-8. */
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

  private String text(Path file) throws IOException {
    try (InputStream stream = files.open(file)) {
      return new String(stream.readAllBytes(), StandardCharsets.UTF_8);
    }
  }

  /**
   * Writes run.json, the first file of a run.
   *
   * @throws BadInputException if nothing can be written there
   */
  void begin(String runJson) {
    try {
      write(RUN, runJson);
    } catch (UncheckedIOException e) {
      throw new BadInputException(
          String.format(
              "Cannot write into %s: %s; expected a directory that can be made and written, choose"
                  + " another --output.",
              location(),
              String.valueOf(e.getCause() == null ? e : e.getCause().getMessage())
                  .lines()
                  .findFirst()
                  .orElse("")),
          e);
    }
  }

  /** What could not be done, and the file system's reason. */
  static String sentence(UncheckedIOException failure) {
    IOException cause = failure.getCause();
    String reason = String.valueOf(cause == null ? null : cause.getMessage());
    return failure.getMessage() + ": " + reason.lines().findFirst().orElse("");
  }

  void write(String name, String text) {
    write(name, text.getBytes(StandardCharsets.UTF_8));
  }

  /** Replaces a file: readers see the old one or the new one, whole. */
  void write(String name, byte[] bytes) {
    Path file = new Path(directory, name);
    try {
      if (files.hasPathCapability(file, CommonPathCapabilities.ABORTABLE_STREAM)) {
        // An object store: what is written appears whole when it is closed, and a rename is a copy.
        writeTo(file, bytes);
        return;
      }
      Path part = part(name);
      writeTo(part, bytes);
      if (files instanceof RawLocalFileSystem) {
        if (!files.rename(part, file)) {
          throw new IOException("cannot rename " + part);
        }
      } else {
        FileContext.getFileContext(file.toUri(), files.getConf())
            .rename(part, file, Options.Rename.OVERWRITE);
      }
    } catch (IOException e) {
      throw new UncheckedIOException("Cannot write " + file, e);
    }
  }

  private Path part(String name) {
    return new Path(directory, "." + name + ".part");
  }

  private void writeTo(Path file, byte[] bytes) throws IOException {
    try (OutputStream stream = files.create(file, true)) {
      stream.write(bytes);
    }
  }

  /** The names of the files in a folder, sorted; none if there is no such folder. */
  List<String> list(String folder) {
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
   * A new file to append to; fails if it exists. Local files are not buffered: a buffer would write
   * what has failed once more when it is closed, after what of it was written already.
   */
  FSDataOutputStream append(String name) throws IOException {
    return files.create(new Path(directory, name), false, 1);
  }
}
