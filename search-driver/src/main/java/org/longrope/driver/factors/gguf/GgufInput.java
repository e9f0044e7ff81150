package org.longrope.driver.factors.gguf;

import com.google.errorprone.annotations.FormatMethod;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.nio.channels.FileChannel;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.util.Locale;
import org.longrope.eval.BadInputException;

/** Reader of little-endian values from the begin of a file, which knows its position. */
final class GgufInput {
  private static final int BUFFER_BYTES = 1 << 16;

  private final Path file;
  private final FileChannel channel;
  private final long size;
  private final ByteBuffer buffer =
      ByteBuffer.allocate(BUFFER_BYTES).order(ByteOrder.LITTLE_ENDIAN).limit(0);

  /** Position in the file of the buffer's first byte. */
  private long bufferAt;

  GgufInput(Path file, FileChannel channel) throws IOException {
    this.file = file;
    this.channel = channel;
    size = channel.size();
  }

  /** Returns how many bytes were read. */
  long position() {
    return bufferAt + buffer.position();
  }

  /** Returns the number of bytes of the file. */
  long size() {
    return size;
  }

  long uint32(String what) throws IOException {
    return Integer.toUnsignedLong(next(Integer.BYTES, what).getInt());
  }

  /** Reads a number of 64 bits that counts something in the file. */
  long count(String what) throws IOException {
    long at = position();
    long count = next(Long.BYTES, what).getLong();
    if (count < 0 || count > size) {
      throw damaged(
          "%s at byte %d is %s, and the file has %d bytes",
          what, at, Long.toUnsignedString(count), size);
    }
    return count;
  }

  /**
   * Reads a string of at most so many bytes.
   *
   * @param most bytes
   */
  String string(int most, String what) throws IOException {
    long at = position();
    long length = count("the length of " + what);
    if (length > most) {
      throw damaged("%s at byte %d has %d bytes, more than %d", what, at, length, most);
    }
    byte[] bytes = new byte[(int) length];
    require(length, what);
    for (int done = 0; done < bytes.length; ) {
      int part = Math.min(bytes.length - done, BUFFER_BYTES);
      next(part, what).get(bytes, done, part);
      done += part;
    }
    return new String(bytes, StandardCharsets.UTF_8);
  }

  /** Returns the buffer with so many bytes at its position. */
  ByteBuffer next(int bytes, String what) throws IOException {
    require(bytes, what);
    if (buffer.remaining() < bytes) {
      bufferAt = position();
      buffer.clear();
      while (buffer.position() < bytes) {
        if (channel.read(buffer, bufferAt + buffer.position()) < 0) {
          throw ends(what);
        }
      }
      buffer.flip();
    }
    return buffer;
  }

  /** Passes over bytes without reading them. */
  void skip(long bytes, String what) throws IOException {
    require(bytes, what);
    if (bytes <= buffer.remaining()) {
      buffer.position(buffer.position() + (int) bytes);
    } else {
      bufferAt = position() + bytes;
      buffer.clear().limit(0);
    }
  }

  private void require(long bytes, String what) {
    if (bytes > size - position()) {
      throw ends(what);
    }
  }

  private BadInputException ends(String what) {
    return damaged("it ends after %d bytes, within %s", size, what);
  }

  /** Returns the exception for a file that is no usable GGUF. */
  @FormatMethod
  BadInputException damaged(String why, Object... values) {
    return new BadInputException(
        "Cannot read "
            + file
            + ": "
            + String.format(Locale.ROOT, why, values)
            + "; expected a whole GGUF file of version 2 or 3; fetch or convert it again.");
  }
}
