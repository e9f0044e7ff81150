package org.longrope.driver.execution.worker;

import java.io.IOException;
import java.nio.channels.FileChannel;
import java.nio.channels.FileLock;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;
import java.util.Map;
import java.util.concurrent.ConcurrentHashMap;
import org.jspecify.annotations.Nullable;

/**
 * One holder at a time among all threads of all processes of a host. The operating system frees the
 * lock of a process that dies; the empty lock file stays, because removing it would let two in.
 */
final class HostLock {
  /** A file lock is a process's, not a thread's: threads queue here first. */
  private static final Map<Path, Object> IN_THIS_PROCESS = new ConcurrentHashMap<>();

  private HostLock() {}

  /** What is done under the lock. */
  interface Work<T extends @Nullable Object> {
    T run() throws IOException;
  }

  static <T extends @Nullable Object> T holding(Path lockFile, Work<T> work) throws IOException {
    Path file = lockFile.toAbsolutePath().normalize();
    synchronized (IN_THIS_PROCESS.computeIfAbsent(file, path -> new Object())) {
      try (FileChannel channel =
              FileChannel.open(file, StandardOpenOption.CREATE, StandardOpenOption.WRITE);
          FileLock lock = channel.lock()) {
        if (!lock.isValid()) {
          throw new IOException("the lock " + file + " was lost");
        }
        return work.run();
      }
    }
  }
}
