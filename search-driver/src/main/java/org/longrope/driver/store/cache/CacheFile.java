package org.longrope.driver.store.cache;

import java.io.IOException;
import java.time.Duration;
import java.time.Instant;
import java.time.ZoneOffset;
import java.time.format.DateTimeFormatter;
import java.util.UUID;
import org.apache.hadoop.fs.FSDataOutputStream;
import org.apache.hadoop.fs.StreamCapabilities;
import org.apache.hadoop.io.IOUtils;
import org.jspecify.annotations.Nullable;
import org.longrope.driver.store.files.HadoopDirectory;

/**
 * The entries that one process adds to a cache, in files that no other process writes. Where the
 * file system can flush, it is one file that is flushed record by record. Where a file exists only
 * when it is closed, it is one file a minute at most, so that many quick evaluations do not make as
 * many files.
 */
final class CacheFile {
  private static final Duration APART = Duration.ofMinutes(1);
  private static final DateTimeFormatter TIME =
      DateTimeFormatter.ofPattern("uuuuMMdd'T'HHmmss").withZone(ZoneOffset.UTC);

  private final HadoopDirectory root;
  private final String folder;
  private final byte[] head;
  private @Nullable FSDataOutputStream out;

  /** The first entry, repeated in each file: by it they are known to be of one class. */
  private byte @Nullable [] mark;

  private long closedAt = System.nanoTime() - APART.toNanos();

  /**
   * Begins a file of the cache.
   *
   * @param folder in the cache, made with the first file
   * @param head first line of each file
   */
  CacheFile(HadoopDirectory root, String folder, byte[] head) {
    this.root = root;
    this.folder = folder;
    this.head = head;
  }

  void append(byte[] line) throws IOException {
    FSDataOutputStream stream = out;
    if (stream == null) {
      stream = root.append(folder + "/" + name());
      out = stream;
      stream.write(head);
      if (mark != null) {
        stream.write(mark);
      }
    }
    stream.write(line);
    if (mark == null) {
      mark = line;
    }
    if (stream.hasCapability(StreamCapabilities.HFLUSH)) {
      stream.hflush();
    } else if (System.nanoTime() - closedAt >= APART.toNanos()) {
      close();
      closedAt = System.nanoTime();
    }
  }

  /** Makes a unique name that begins with the time, for people who tidy up. */
  private static String name() {
    return TIME.format(Instant.now()) + "-" + UUID.randomUUID() + EvaluationCache.SUFFIX;
  }

  void close() throws IOException {
    try (FSDataOutputStream stream = out) {
      out = null;
    }
  }

  /** Closes the file after a failure: the record that was written in part is cut off. */
  void abandon() {
    IOUtils.closeStream(out);
    out = null;
  }
}
