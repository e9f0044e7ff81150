package org.longrope.driver.store.files;

import java.io.IOException;
import java.io.InterruptedIOException;
import java.time.Duration;
import org.apache.hadoop.fs.FileSystem;
import org.apache.hadoop.fs.LeaseRecoverable;
import org.apache.hadoop.fs.Path;

/**
 * File whose writer died while it was open, on a file system that gives writers a lease (HDFS).
 *
 * <p>Flushed content can be read while its datanodes run. After they restart, the length of the
 * last block is unknown, and reading fails until the lease of the dead writer is recovered, which
 * HDFS does by itself after twenty minutes.
 */
final class UnfinishedFile {
  private static final Retry RETRY = Retry.every(Duration.ofMillis(200), Duration.ofMinutes(1));

  private UnfinishedFile() {}

  /**
   * Closes a file that could not be read, in place of its writer.
   *
   * @return false if it is closed already, and so can't be read for another reason
   * @throws IOException if it is not closed within a minute
   */
  static boolean close(FileSystem files, Path file) throws IOException {
    if (!(files instanceof LeaseRecoverable leases) || leases.isFileClosed(file)) {
      return false;
    }
    try {
      if (!RETRY.until(() -> leases.recoverLease(file))) {
        throw new IOException(
            file + " was left open by its writer and HDFS cannot close it: are its datanodes up?");
      }
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
      throw new InterruptedIOException("interrupted while " + file + " was being closed");
    }
    return true;
  }
}
