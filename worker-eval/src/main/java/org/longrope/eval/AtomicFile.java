package org.longrope.eval;

import java.io.Closeable;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.channels.FileChannel;
import java.nio.file.FileAlreadyExistsException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardCopyOption;
import java.nio.file.StandardOpenOption;
import java.nio.file.attribute.FileAttribute;
import java.util.Set;
import java.util.UUID;

/**
 * Writer of a whole local file: readers see the old content or the new one, even when the process
 * or the machine dies. The content goes to a file of a unique hidden name in the same directory,
 * which {@link #commit} forces to the disk and renames; {@link #close} without it removes that file
 * and leaves the old content.
 */
public final class AtomicFile implements Closeable {
  /** End of the names of files that are not complete. */
  public static final String PART = ".part";

  private final Path file;
  private final Path part;
  private final FileChannel channel;

  private AtomicFile(Path file, Path part, FileChannel channel) {
    this.file = file;
    this.part = part;
    this.channel = channel;
  }

  /**
   * Begins to write a file. Makes its directories.
   *
   * @param attributes permissions, which hold from the first byte on
   * @throws IOException if there cannot be such a file
   */
  public static AtomicFile open(Path file, FileAttribute<?>... attributes) throws IOException {
    Path target = file.toAbsolutePath();
    Path folder = target.getParent();
    if (folder == null || Files.isDirectory(target)) {
      throw new IOException(file + " is a directory; name a file in it");
    }
    try {
      Files.createDirectories(folder);
    } catch (FileAlreadyExistsException e) {
      throw new IOException(e.getFile() + " is a file; expected a directory", e);
    }
    Path part = folder.resolve(partName(String.valueOf(target.getFileName())));
    FileChannel channel =
        FileChannel.open(
            part, Set.of(StandardOpenOption.CREATE_NEW, StandardOpenOption.WRITE), attributes);
    return new AtomicFile(target, part, channel);
  }

  /** Returns a new name for the incomplete content of a file: {@code .NAME.RANDOM.part}. */
  public static String partName(String name) {
    return "." + name + "." + UUID.randomUUID().toString().substring(0, 8) + PART;
  }

  /** Tells whether a name is of incomplete content of a file, of this or an earlier version. */
  public static boolean isPartOf(String name, String other) {
    return other.endsWith(PART) && other.startsWith("." + name + ".");
  }

  /**
   * Replaces a file.
   *
   * @param attributes permissions, which hold from the first byte on
   * @throws IOException if it cannot be written; the old content is left
   */
  public static void write(Path file, byte[] content, FileAttribute<?>... attributes)
      throws IOException {
    try (AtomicFile writer = open(file, attributes)) {
      writer.write(ByteBuffer.wrap(content));
      writer.commit();
    }
  }

  /** Appends all bytes to the new content. */
  public void write(ByteBuffer bytes) throws IOException {
    while (bytes.hasRemaining()) {
      channel.write(bytes);
    }
  }

  /** Returns the channel to the new content. */
  public FileChannel channel() {
    return channel;
  }

  /** Puts the new content in place of the old one. */
  public void commit() throws IOException {
    channel.force(true);
    channel.close();
    Files.move(part, file, StandardCopyOption.ATOMIC_MOVE, StandardCopyOption.REPLACE_EXISTING);
  }

  @Override
  public void close() throws IOException {
    try {
      channel.close();
    } finally {
      Files.deleteIfExists(part);
    }
  }
}
