package org.longrope.driver.lab.cluster;

import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.security.SecureRandom;
import java.util.HexFormat;

/** Secret by which the cluster's processes and its applications authenticate each other. */
final class ClusterSecret {
  private static final int BYTES = 32;

  private ClusterSecret() {}

  /** Reads the secret from the file, which is made if it does not exist. */
  static String obtain(Path file) {
    try {
      if (Files.exists(file)) {
        return Files.readString(file).strip();
      }
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
    byte[] random = new byte[BYTES];
    new SecureRandom().nextBytes(random);
    String secret = HexFormat.of().formatHex(random);
    ClusterFiles.write(file, secret + "\n", "rw-------");
    return secret;
  }
}
