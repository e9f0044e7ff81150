package org.longrope.eval;

import java.io.IOException;
import java.io.InputStream;
import java.io.UncheckedIOException;
import java.nio.ByteBuffer;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.security.MessageDigest;
import java.security.NoSuchAlgorithmException;
import java.util.HexFormat;

/**
 * Running SHA-256, which identifies models, tokenizers and partitions: lower-case hexadecimal, 64
 * characters.
 */
public final class Sha256 {
  private final MessageDigest digest;

  public Sha256() {
    try {
      digest = MessageDigest.getInstance("SHA-256");
    } catch (NoSuchAlgorithmException e) {
      throw new IllegalStateException("Every Java platform has SHA-256", e);
    }
  }

  /** Returns the hash of one file's bytes. */
  public static String ofFile(Path file) {
    return new Sha256().addFile(file).hex();
  }

  public Sha256 add(byte[] bytes) {
    digest.update(bytes);
    return this;
  }

  public Sha256 add(ByteBuffer bytes) {
    digest.update(bytes);
    return this;
  }

  /** Adds the text with its length before it, so that neighbouring texts cannot run together. */
  public Sha256 add(String text) {
    byte[] bytes = text.getBytes(StandardCharsets.UTF_8);
    digest.update(ByteBuffer.allocate(Integer.BYTES).putInt(0, bytes.length));
    digest.update(bytes);
    return this;
  }

  public Sha256 add(InputStream stream) throws IOException {
    byte[] chunk = new byte[1 << 16];
    for (int n = stream.read(chunk); n >= 0; n = stream.read(chunk)) {
      digest.update(chunk, 0, n);
    }
    return this;
  }

  public Sha256 addFile(Path file) {
    try (InputStream stream = Files.newInputStream(file)) {
      return add(stream);
    } catch (IOException e) {
      throw new UncheckedIOException("Cannot read " + file, e);
    }
  }

  /** Ends the hash and returns it. */
  public String hex() {
    return HexFormat.of().formatHex(digest.digest());
  }
}
