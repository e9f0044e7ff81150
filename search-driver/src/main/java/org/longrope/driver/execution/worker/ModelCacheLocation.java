package org.longrope.driver.execution.worker;

import java.io.IOException;
import java.nio.file.FileAlreadyExistsException;
import java.nio.file.Files;
import java.nio.file.LinkOption;
import java.nio.file.Path;
import java.nio.file.attribute.PosixFilePermissions;
import org.jspecify.annotations.Nullable;
import org.longrope.eval.BadInputException;

/** The directory for a host's copies of models, in the order of {@link ModelCache#ofHost}. */
final class ModelCacheLocation {
  private ModelCacheLocation() {}

  static Path ofHost() {
    String property = System.getProperty("longrope.cache");
    String chosen = property == null ? System.getenv("LONGROPE_CACHE") : property;
    if (chosen != null && !chosen.isBlank()) {
      return Path.of(chosen);
    }
    // A user without an entry in passwd, as in containers, has the home "?".
    Path home = Path.of(System.getProperty("user.home", "?"));
    Path atHome = home.resolve(".cache").resolve("longrope").resolve("models");
    return home.isAbsolute() && isCreatable(atHome) ? atHome : temporaryDirectory();
  }

  private static boolean isCreatable(Path directory) {
    @Nullable Path existing = directory;
    while (existing != null && !Files.exists(existing)) {
      existing = existing.getParent();
    }
    return existing != null && Files.isDirectory(existing) && Files.isWritable(existing);
  }

  // The name is predictable: another user could have created it with other weights.
  private static Path temporaryDirectory() {
    String user = System.getProperty("user.name", "").replaceAll("\\W", "_");
    Path directory = Path.of(System.getProperty("java.io.tmpdir"), "longrope-models-" + user);
    try {
      try {
        Files.createDirectory(
            directory,
            PosixFilePermissions.asFileAttribute(PosixFilePermissions.fromString("rwx------")));
      } catch (FileAlreadyExistsException e) {
        Path own = Files.createTempFile("longrope-", ".owner");
        Object me = Files.getOwner(own);
        Files.delete(own);
        if (!Files.isDirectory(directory, LinkOption.NOFOLLOW_LINKS)
            || !Files.getOwner(directory, LinkOption.NOFOLLOW_LINKS).equals(me)) {
          throw new BadInputException(
              directory
                  + " belongs to another user: expected a directory of this user; name another one"
                  + " by LONGROPE_CACHE.",
              e);
        }
      }
      return directory;
    } catch (IOException e) {
      throw new BadInputException(
          String.format(
              "Cannot create %s (%s): expected a directory for copies of models; name another one"
                  + " by LONGROPE_CACHE.",
              directory, e),
          e);
    }
  }
}
