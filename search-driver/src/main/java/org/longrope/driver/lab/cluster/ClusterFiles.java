package org.longrope.driver.lab.cluster;

import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.attribute.PosixFilePermission;
import java.nio.file.attribute.PosixFilePermissions;
import java.util.Set;
import org.longrope.eval.AtomicFile;
import org.longrope.eval.BadInputException;

/**
 * Folder of a cluster, with all files that it reads and writes.
 *
 * @param directory absolute
 */
record ClusterFiles(Path directory) {
  private static final Set<PosixFilePermission> OWNER_ONLY =
      PosixFilePermissions.fromString("rwx------");

  ClusterFiles {
    directory = directory.toAbsolutePath().normalize();
  }

  Path state() {
    return directory.resolve("cluster.json");
  }

  Path lock() {
    return directory.resolve("lock");
  }

  /** Returns the folder of the secret, which is made at the first start and removed by a stop. */
  Path conf() {
    return directory.resolve("conf");
  }

  Path secret() {
    return conf().resolve("secret");
  }

  Path log(String role) {
    return directory.resolve("logs").resolve(role + ".log");
  }

  Path work(String role) {
    return directory.resolve("work").resolve(role);
  }

  /** Returns the folder that Spark uses as its installation. */
  Path sparkHome() {
    return directory.resolve("spark");
  }

  /**
   * Makes the folders, for their owner alone.
   *
   * @throws BadInputException if they cannot be made
   */
  void create() {
    try {
      Files.createDirectories(directory);
      // The conf folder alone would hide the secret; logs and work of others are no one's business.
      Files.setPosixFilePermissions(directory, OWNER_ONLY);
      for (Path folder : new Path[] {conf(), directory.resolve("logs"), sparkHome()}) {
        Files.createDirectories(folder);
        Files.setPosixFilePermissions(folder, OWNER_ONLY);
      }
    } catch (IOException | UnsupportedOperationException e) {
      throw new BadInputException(
          "Cannot write " + directory + " (" + e + "): give a folder that can be, by --directory.",
          e);
    }
  }

  /**
   * Writes a file whole or not at all, readable by its owner alone from its first byte on.
   *
   * @throws UncheckedIOException if it cannot be written
   */
  static void write(Path file, String content, String permissions) {
    try {
      AtomicFile.write(
          file,
          content.getBytes(StandardCharsets.UTF_8),
          PosixFilePermissions.asFileAttribute(PosixFilePermissions.fromString(permissions)));
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
  }
}
