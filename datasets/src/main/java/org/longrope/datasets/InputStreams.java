package org.longrope.datasets;

import com.github.luben.zstd.ZstdInputStream;
import java.io.BufferedInputStream;
import java.io.IOException;
import java.io.InputStream;
import java.nio.ByteBuffer;
import java.nio.charset.CharacterCodingException;
import java.nio.charset.StandardCharsets;
import java.util.zip.GZIPInputStream;
import org.apache.hadoop.conf.Configuration;
import org.apache.hadoop.fs.Path;
import org.jspecify.annotations.Nullable;

/** Bytes of a file, decompressed by what it is rather than by what it is called. */
final class InputStreams {
  private static final int BUFFER_BYTES = 1 << 16;

  private InputStreams() {}

  /** The content of a plain, gzip or zstd file. */
  static InputStream open(Path path, Configuration configuration) throws IOException {
    InputStream stream =
        new BufferedInputStream(path.getFileSystem(configuration).open(path), BUFFER_BYTES);
    try {
      stream.mark(4);
      byte[] magic = stream.readNBytes(4);
      stream.reset();
      if (startsWith(magic, 0x1f, 0x8b)) {
        return new GZIPInputStream(stream, BUFFER_BYTES);
      }
      return startsWith(magic, 0x28, 0xb5, 0x2f, 0xfd) ? new ZstdInputStream(stream) : stream;
    } catch (IOException e) {
      stream.close();
      throw e;
    }
  }

  /** The text, or null if the bytes are not UTF-8 or hold a NUL as only binary files do. */
  static @Nullable String text(byte[] bytes) {
    try {
      String text = utf8(bytes);
      return text.indexOf('\0') < 0 ? text : null;
    } catch (CharacterCodingException e) {
      return null;
    }
  }

  /** Decodes strictly: what String itself would replace is refused. */
  static String utf8(byte[] bytes) throws CharacterCodingException {
    return StandardCharsets.UTF_8.newDecoder().decode(ByteBuffer.wrap(bytes)).toString();
  }

  private static boolean startsWith(byte[] bytes, int... prefix) {
    for (int i = 0; i < prefix.length; i++) {
      if (i >= bytes.length || (bytes[i] & 0xff) != prefix[i]) {
        return false;
      }
    }
    return true;
  }
}
