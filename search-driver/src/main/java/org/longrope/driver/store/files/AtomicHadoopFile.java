package org.longrope.driver.store.files;

import java.io.IOException;
import org.apache.hadoop.fs.CommonPathCapabilities;
import org.apache.hadoop.fs.FSDataOutputStream;
import org.apache.hadoop.fs.FileContext;
import org.apache.hadoop.fs.FileSystem;
import org.apache.hadoop.fs.Options;
import org.apache.hadoop.fs.Path;
import org.apache.hadoop.fs.RawLocalFileSystem;
import org.apache.hadoop.fs.StreamCapabilities;
import org.longrope.eval.AtomicFile;

/**
 * Writer of a whole file on a Hadoop file system, as {@link AtomicFile} is on this host: the
 * content goes to a file of a unique hidden name in the same directory, is forced to the disk and
 * renamed. An object store shows an object only when it is complete, so there it is written in
 * place.
 */
public final class AtomicHadoopFile {
  private AtomicHadoopFile() {}

  /**
   * Replaces a file. Makes its directories.
   *
   * @throws IOException if it cannot be written; the old content is left
   */
  public static void write(FileSystem files, Path file, byte[] content) throws IOException {
    write(files, file, stream -> stream.write(content));
  }

  static void write(FileSystem files, Path file, Content content) throws IOException {
    if (files.hasPathCapability(file, CommonPathCapabilities.ABORTABLE_STREAM)) {
      create(files, file, content);
      return;
    }
    Path part = new Path(file.getParent(), AtomicFile.partName(file.getName()));
    try {
      create(files, part, content);
      rename(files, part, file);
    } catch (IOException | RuntimeException e) {
      try {
        files.delete(part, false);
      } catch (IOException again) {
        e.addSuppressed(again);
      }
      throw e;
    }
  }

  private static void create(FileSystem files, Path file, Content content) throws IOException {
    try (FSDataOutputStream stream = files.create(file, true)) {
      content.writeTo(stream);
      if (stream.hasCapability(StreamCapabilities.HSYNC)) {
        stream.hsync();
      }
    }
  }

  private static void rename(FileSystem files, Path part, Path file) throws IOException {
    if (!(files instanceof RawLocalFileSystem)) {
      FileContext.getFileContext(file.toUri(), files.getConf())
          .rename(part, file, Options.Rename.OVERWRITE);
    } else if (!files.rename(part, file)) {
      throw new IOException("cannot rename " + part);
    }
  }
}
