package org.longrope.datasets;

import java.io.IOException;
import java.io.InputStream;
import java.io.OutputStream;
import java.nio.charset.StandardCharsets;
import java.util.Arrays;
import org.apache.hadoop.conf.Configuration;
import org.apache.hadoop.fs.FileSystem;
import org.apache.hadoop.fs.Path;
import org.jspecify.annotations.Nullable;
import org.longrope.eval.BadInputException;

/**
 * Directory of a preparation's output. Beside the partition it keeps the fingerprint of the input
 * listing ({@link InputListing}), by which the next preparation recognises unchanged inputs.
 *
 * @param path qualified
 */
record OutputDirectory(Path path, Configuration hadoop) {
  /** Name that readers of a directory take for hidden. */
  private static final String FINGERPRINT_FILE = "_inputs";

  /**
   * Returns the output of a request.
   *
   * @throws BadInputException if it is no path of a known file system
   */
  static OutputDirectory of(PrepareRequest request, Configuration hadoop) {
    try {
      Path path = new Path(request.output());
      return new OutputDirectory(path.getFileSystem(hadoop).makeQualified(path), hadoop);
    } catch (IOException | IllegalArgumentException e) {
      throw new BadInputException(
          String.format("Cannot write to \"%s\": %s.", request.output(), e.getMessage()), e);
    }
  }

  /**
   * Returns the manifest of the partition in the directory; null if it is missing or empty.
   *
   * @throws BadInputException if the directory holds something else or cannot be read
   */
  @Nullable Manifest existing() {
    try {
      FileSystem fileSystem = path.getFileSystem(hadoop);
      if (!fileSystem.exists(path)
          || (fileSystem.getFileStatus(path).isDirectory()
              && fileSystem.listStatus(path).length == 0)) {
        return null;
      }
      if (!fileSystem.exists(new Path(path, Manifest.FILE))) {
        throw BadInputException.of(
            "%s exists and is no evaluation partition: choose another output.", path);
      }
      return EvaluationPartition.open(path, hadoop).manifest();
    } catch (IOException e) {
      throw new BadInputException(
          String.format("Cannot read %s: %s.", path, TaskResult.reason(e)), e);
    }
  }

  /** Returns whether the partition was prepared from inputs of this fingerprint. */
  boolean hasFingerprint(String fingerprint) {
    byte[] expected = fingerprint.getBytes(StandardCharsets.US_ASCII);
    try (InputStream stream = path.getFileSystem(hadoop).open(new Path(path, FINGERPRINT_FILE))) {
      return Arrays.equals(expected, stream.readNBytes(expected.length + 1));
    } catch (IOException e) {
      return false;
    }
  }

  /** Records the fingerprint of the inputs that the partition was prepared from. */
  void recordFingerprint(String fingerprint) {
    try (OutputStream stream =
        path.getFileSystem(hadoop).create(new Path(path, FINGERPRINT_FILE), true)) {
      stream.write(fingerprint.getBytes(StandardCharsets.US_ASCII));
    } catch (IOException e) {
      // The partition is whole without it. The next preparation reads its inputs again.
      return;
    }
  }
}
