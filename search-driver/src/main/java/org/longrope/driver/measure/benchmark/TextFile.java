package org.longrope.driver.measure.benchmark;

import java.io.BufferedInputStream;
import java.io.IOException;
import java.io.InputStream;
import java.nio.ByteBuffer;
import java.nio.charset.CharacterCodingException;
import java.nio.charset.StandardCharsets;
import org.apache.hadoop.conf.Configuration;
import org.apache.hadoop.io.compress.BZip2Codec;
import org.longrope.driver.store.files.StoredFile;
import org.longrope.eval.BadInputException;

/** Reader of whole UTF-8 files, plain or bzip2. */
final class TextFile {
  private static final int MAGIC_BYTES = 3;

  private TextFile() {}

  /**
   * Reads a text.
   *
   * @throws BadInputException if it cannot be read
   */
  static String read(StoredFile file) {
    try (InputStream stream = new BufferedInputStream(file.open())) {
      stream.mark(MAGIC_BYTES);
      boolean packed =
          new String(stream.readNBytes(MAGIC_BYTES), StandardCharsets.ISO_8859_1).equals("BZh");
      stream.reset();
      byte[] bytes = packed ? unpack(stream) : stream.readAllBytes();
      return StandardCharsets.UTF_8.newDecoder().decode(ByteBuffer.wrap(bytes)).toString();
    } catch (CharacterCodingException e) {
      throw new BadInputException(
          String.format("%s is not UTF-8 text: expected UTF-8; fetch it again.", file), e);
    } catch (IOException e) {
      throw new BadInputException(
          String.format(
              "Cannot read %s: %s; expected text, plain or bzip2; fetch it again.",
              file, e.getMessage()),
          e);
    }
  }

  private static byte[] unpack(InputStream stream) throws IOException {
    BZip2Codec codec = new BZip2Codec();
    codec.setConf(new Configuration(false));
    try (InputStream unpacked = codec.createInputStream(stream)) {
      return unpacked.readAllBytes();
    }
  }
}
