package org.longrope.driver.store;

import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.channels.FileChannel;
import java.nio.channels.OverlappingFileLockException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;
import org.longrope.eval.BadInputException;

/** File of this host that is locked while it is open, and forced to the disk at each append. */
final class LocalAnswerLog implements AnswerLog {
  private final Path file;
  private final FileChannel channel;

  private LocalAnswerLog(Path file, FileChannel channel) {
    this.file = file;
    this.channel = channel;
  }

  /**
   * @throws BadInputException if another process has it open
   */
  static LocalAnswerLog open(Path directory) throws IOException {
    Files.createDirectories(directory);
    Path file = directory.resolve(FILE);
    FileChannel channel =
        FileChannel.open(
            file, StandardOpenOption.CREATE, StandardOpenOption.READ, StandardOpenOption.WRITE);
    boolean locked = false;
    try {
      locked = lock(channel);
    } finally {
      if (!locked) {
        channel.close();
      }
    }
    if (!locked) {
      throw BadInputException.of(
          "Another process is at work in %s: let it end, or choose another --output.", directory);
    }
    return new LocalAnswerLog(file, channel);
  }

  private static boolean lock(FileChannel channel) throws IOException {
    try {
      return channel.tryLock() != null;
    } catch (OverlappingFileLockException e) {
      return false; // Another in this very process.
    }
  }

  @Override
  public String read() throws IOException {
    byte[] bytes = Files.readAllBytes(file);
    int whole = bytes.length;
    while (whole > 0 && bytes[whole - 1] != '\n') {
      whole--;
    }
    channel.truncate(whole).position(whole);
    return new String(bytes, 0, whole, StandardCharsets.UTF_8);
  }

  @Override
  public void append(String lines) throws IOException {
    ByteBuffer bytes = ByteBuffer.wrap(lines.getBytes(StandardCharsets.UTF_8));
    while (bytes.hasRemaining()) {
      channel.write(bytes);
    }
    channel.force(false);
  }

  @Override
  public String toString() {
    return file.toString();
  }

  @Override
  public void close() throws IOException {
    if (channel.size() == 0) {
      Files.delete(file);
    }
    channel.close();
  }
}
