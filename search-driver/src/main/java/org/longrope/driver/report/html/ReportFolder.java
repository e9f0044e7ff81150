package org.longrope.driver.report.html;

import java.io.IOException;
import org.apache.hadoop.conf.Configuration;
import org.apache.hadoop.fs.FileSystem;
import org.apache.hadoop.fs.LocalFileSystem;
import org.apache.hadoop.fs.Path;
import org.apache.hadoop.fs.RawLocalFileSystem;
import org.longrope.driver.store.files.AtomicHadoopFile;
import org.longrope.eval.BadInputException;

/** Directory of a report, on any Hadoop file system. */
final class ReportFolder {
  static final String PAGE = "report.html";

  private final FileSystem files;
  private final Path directory;

  private ReportFolder(FileSystem files, Path directory) {
    this.files = files;
    this.directory = directory;
  }

  /**
   * Opens a directory that is new or empty, or that holds a report, which a new one replaces.
   *
   * @throws BadInputException if it holds something else, or cannot be written
   */
  static ReportFolder of(String location, Configuration hadoop) {
    try {
      Path path = new Path(location);
      FileSystem any = path.getFileSystem(hadoop);
      // Without a checksum file beside every file that people open.
      FileSystem files = any instanceof LocalFileSystem local ? local.getRawFileSystem() : any;
      Path directory = files.makeQualified(path);
      boolean usable =
          !files.exists(directory)
              || (files.getFileStatus(directory).isDirectory()
                  && (files.exists(new Path(directory, PAGE))
                      || files.listStatus(directory).length == 0));
      if (!usable) {
        throw BadInputException.of(
            "%s exists and holds no report: expected a new directory, an empty one or that of an"
                + " earlier report; choose another --output.",
            location);
      }
      return new ReportFolder(files, directory);
    } catch (IOException | IllegalArgumentException e) {
      throw new BadInputException(
          String.format(
              "Cannot write a report into %s: %s; expected a path on a Hadoop file system, choose"
                  + " another --output.",
              location, e.getMessage()),
          e);
    }
  }

  /** Writes the files first and the page last, so that a page never names a missing file. */
  void write(Report report) throws IOException {
    for (var file : report.files().entrySet()) {
      AtomicHadoopFile.write(files, new Path(directory, file.getKey()), file.getValue());
    }
    AtomicHadoopFile.write(files, new Path(directory, PAGE), report.page());
  }

  /** Returns the location of the page as people open it. */
  String page() {
    Path page = new Path(directory, PAGE);
    return files instanceof RawLocalFileSystem ? page.toUri().getPath() : page.toString();
  }
}
