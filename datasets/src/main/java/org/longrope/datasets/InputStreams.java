package org.longrope.datasets;

import com.github.luben.zstd.ZstdInputStream;
import java.io.BufferedInputStream;
import java.io.IOException;
import java.io.InputStream;
import java.nio.ByteBuffer;
import java.nio.charset.CharacterCodingException;
import java.nio.charset.StandardCharsets;
import java.util.zip.GZIPInputStream;
import org.apache.commons.compress.compressors.bzip2.BZip2CompressorInputStream;
import org.apache.commons.compress.compressors.lz4.FramedLZ4CompressorInputStream;
import org.apache.commons.compress.compressors.xz.XZCompressorInputStream;
import org.apache.hadoop.conf.Configuration;
import org.apache.hadoop.fs.Path;
import org.jspecify.annotations.Nullable;
import org.longrope.eval.BadInputException;

/** Bytes of a file, decompressed by its content and not by its name. */
final class InputStreams {
  private static final int BUFFER_BYTES = 1 << 16;

  private InputStreams() {}

  /**
   * Opens a file that is plain or compressed with gzip, zstd, bzip2, xz or lz4.
   *
   * @throws BadInputException if it is of a kind that holds no plain text
   */
  static InputStream open(Path path, Configuration configuration) throws IOException {
    InputStream stream =
        new BufferedInputStream(path.getFileSystem(configuration).open(path), BUFFER_BYTES);
    try {
      stream.mark(FileKind.MAGIC_BYTES);
      byte[] magic = stream.readNBytes(FileKind.MAGIC_BYTES);
      stream.reset();
      FileKind kind = FileKind.of(magic);
      if (kind != null) {
        throw kind.rejected(path.toString());
      }
      return decompressed(stream, magic);
    } catch (IOException | RuntimeException e) {
      stream.close();
      throw e;
    }
  }

  private static InputStream decompressed(InputStream stream, byte[] magic) throws IOException {
    if (FileKind.startsWith(magic, 0x1f, 0x8b)) {
      return new GZIPInputStream(stream, BUFFER_BYTES);
    }
    if (FileKind.startsWith(magic, 0x28, 0xb5, 0x2f, 0xfd)) {
      return new ZstdInputStream(stream);
    }
    // Parallel compressors write several streams, one after the other.
    if (FileKind.startsWith(magic, 'B', 'Z', 'h')) {
      return new GuardedStream(new BZip2CompressorInputStream(stream, true));
    }
    if (FileKind.startsWith(magic, 0xfd, '7', 'z', 'X', 'Z', 0)) {
      return new GuardedStream(new XZCompressorInputStream(stream, true));
    }
    if (FileKind.startsWith(magic, 0x04, 0x22, 0x4d, 0x18)) {
      return new GuardedStream(new FramedLZ4CompressorInputStream(stream, true));
    }
    return stream;
  }

  /** Returns the text, or null if the bytes are not UTF-8 or hold a NUL as only binary files do. */
  static @Nullable String text(byte[] bytes) {
    try {
      String text = utf8(bytes);
      return text.indexOf('\0') < 0 ? text : null;
    } catch (CharacterCodingException e) {
      return null;
    }
  }

  /** Decodes strictly: it rejects bytes that String would replace. */
  static String utf8(byte[] bytes) throws CharacterCodingException {
    return StandardCharsets.UTF_8.newDecoder().decode(ByteBuffer.wrap(bytes)).toString();
  }
}
