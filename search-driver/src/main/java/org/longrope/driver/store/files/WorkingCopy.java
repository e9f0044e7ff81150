package org.longrope.driver.store.files;

import java.io.IOException;
import java.io.InputStream;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardCopyOption;
import java.util.Comparator;
import java.util.List;
import java.util.function.Predicate;
import org.apache.hadoop.fs.FileUtil;

/**
 * Local copy of a directory on any file system, for files that can only be written or mapped on
 * this host. A local directory is used in place; a remote one has a temporary copy, from and to
 * which files are copied one by one.
 */
public final class WorkingCopy implements AutoCloseable {
  private final StoredFile directory;
  private final Path path;

  private WorkingCopy(StoredFile directory, Path path) {
    this.directory = directory;
    this.path = path;
  }

  /** Opens a directory; nothing is copied yet. */
  public static WorkingCopy of(StoredFile directory) throws IOException {
    return new WorkingCopy(
        directory,
        directory.location().isRemote()
            ? Files.createTempDirectory("longrope-copy-")
            : directory.location().local());
  }

  /** Returns the local directory. */
  public Path path() {
    return path;
  }

  /** Returns the directory of which this is the copy. */
  public StoredFile directory() {
    return directory;
  }

  private boolean isCopy() {
    return directory.location().isRemote();
  }

  /** Copies a file here if it is there. */
  public void fetch(String name) throws IOException {
    StoredFile source = directory.resolve(name);
    if (isCopy() && source.exists()) {
      try (InputStream stream = source.open()) {
        Files.copy(stream, path.resolve(name), StandardCopyOption.REPLACE_EXISTING);
      }
    }
  }

  /** Copies all files here whose names are wanted. */
  public void fetchAll(Predicate<String> names) throws IOException {
    if (isCopy() && directory.isDirectory()) {
      for (StoredFile file : directory.files()) {
        if (names.test(file.name())) {
          fetch(file.name());
        }
      }
    }
  }

  /** Copies a file there, where readers see it whole or not at all. */
  public void publish(String name) throws IOException {
    if (isCopy()) {
      directory.resolve(name).copyFrom(path.resolve(name));
    }
  }

  /**
   * Copies all files there.
   *
   * @param last chosen by name: these are copied after the others
   */
  public void publishAll(Predicate<String> last) throws IOException {
    if (!isCopy()) {
      return;
    }
    List<String> names =
        StoredFile.of(path).files().stream()
            .map(StoredFile::name)
            .sorted(Comparator.comparing(last::test))
            .toList();
    for (String name : names) {
      publish(name);
    }
  }

  /** Removes a file here and there. */
  public void delete(String name) throws IOException {
    Files.deleteIfExists(path.resolve(name));
    directory.resolve(name).delete();
  }

  /** Removes the copy. */
  @Override
  public void close() {
    if (isCopy()) {
      FileUtil.fullyDelete(path.toFile());
    }
  }
}
