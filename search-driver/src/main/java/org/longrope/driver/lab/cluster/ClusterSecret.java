package org.longrope.driver.lab.cluster;

import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.security.SecureRandom;
import java.util.HexFormat;

/** The secret that the cluster's processes and its applications know each other by. */
final class ClusterSecret {
  private static final int BYTES = 32;

  private ClusterSecret() {}

  /** The secret of the file, which is made if it is not there. */
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
