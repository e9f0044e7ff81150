package org.longrope.driver.recipe;

import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.channels.FileChannel;
import java.nio.channels.OverlappingFileLockException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;
import org.longrope.eval.BadInputException;

/** Lock on a recipe's directory: one process at a time works there. */
final class RecipeLock implements AutoCloseable {
  private static final String FILE = ".lock";

  private final FileChannel channel;

  private RecipeLock(FileChannel channel) {
    this.channel = channel;
  }

  /**
   * Locks a directory. Makes it.
   *
   * @throws BadInputException if it cannot be written, or another process has locked it
   */
  static RecipeLock take(Path directory) {
    FileChannel channel;
    try {
      Files.createDirectories(directory);
      channel =
          FileChannel.open(
              directory.resolve(FILE), StandardOpenOption.CREATE, StandardOpenOption.WRITE);
    } catch (IOException e) {
      throw new BadInputException(
          "Cannot write into "
              + directory
              + ": expected a directory that can be made and written; choose another --output.",
          e);
    }
    RecipeLock lock = new RecipeLock(channel);
    if (!lock.isTaken(directory)) {
      lock.close();
      throw BadInputException.of(
          "Another process works on %s: wait for it, or choose another --output.", directory);
    }
    return lock;
  }

  private boolean isTaken(Path directory) {
    try {
      return channel.tryLock() != null;
    } catch (OverlappingFileLockException e) {
      return false; // Another thread of this process has it.
    } catch (IOException e) {
      throw new UncheckedIOException("Cannot lock " + directory, e);
    }
  }

  @Override
  public void close() {
    try {
      channel.close();
    } catch (IOException e) {
      throw new UncheckedIOException("Cannot release a lock", e);
    }
  }
}
