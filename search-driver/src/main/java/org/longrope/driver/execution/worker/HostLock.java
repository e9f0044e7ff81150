package org.longrope.driver.execution.worker;

import java.io.IOException;
import java.nio.channels.FileChannel;
import java.nio.channels.FileLock;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;
import java.util.Map;
import java.util.concurrent.ConcurrentHashMap;

/**
 * A lock that one thread of all processes of a host holds at a time. The operating system releases
 * the lock of a process that dies. The empty lock file stays: removing it would allow two holders.
 */
final class HostLock {
  /** Monitors by lock file: a file lock belongs to a process, so its threads exclude here. */
  private static final Map<Path, Object> IN_THIS_PROCESS = new ConcurrentHashMap<>();

  private HostLock() {}

  /** Work under the lock. */
  interface Work<T> {
    T run() throws IOException;
  }

  /** Does the work while this thread holds the lock. */
  static <T> T holding(Path lockFile, Work<T> work) throws IOException {
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
