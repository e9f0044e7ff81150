package org.longrope.driver.store.files;

import java.io.IOException;
import java.io.InputStream;
import java.nio.file.Files;
import java.util.Arrays;
import java.util.Comparator;
import java.util.List;
import org.apache.hadoop.conf.Configuration;
import org.apache.hadoop.fs.FileStatus;
import org.apache.hadoop.fs.FileSystem;
import org.apache.hadoop.fs.Path;
import org.longrope.eval.BadInputException;

/**
 * File of a Hadoop file system.
 *
 * @param hadoop settings that reach it
 */
record HadoopFile(FileLocation location, Configuration hadoop) implements StoredFile {
  @FunctionalInterface
  private interface Question<T> {
    T ask(FileSystem files, Path path) throws IOException;
  }

  private Path path() {
    return new Path(location.text());
  }

  private FileSystem fileSystem() throws IOException {
    return path().getFileSystem(hadoop);
  }

  @Override
  public StoredFile resolve(String name) {
    return new HadoopFile(location.resolve(name), hadoop);
  }

  @Override
  public boolean exists() {
    return look(FileSystem::exists);
  }

  @Override
  public boolean isFile() {
    return look((system, path) -> system.exists(path) && system.getFileStatus(path).isFile());
  }

  @Override
  public boolean isDirectory() {
    return look((system, path) -> system.exists(path) && system.getFileStatus(path).isDirectory());
  }

  @Override
  public boolean isEmpty() {
    return look((system, path) -> system.listStatus(path).length == 0);
  }

  @Override
  public List<StoredFile> files() {
    return look(
        (system, path) ->
            Arrays.stream(system.listStatus(path))
                .filter(FileStatus::isFile)
                .map(file -> file.getPath().getName())
                .sorted(Comparator.naturalOrder())
                .map(this::resolve)
                .toList());
  }

  @Override
  public InputStream open() throws IOException {
    return fileSystem().open(path());
  }

  @Override
  public void write(byte[] content) throws IOException {
    AtomicHadoopFile.write(fileSystem(), path(), content);
  }

  @Override
  public void copyFrom(java.nio.file.Path source) throws IOException {
    AtomicHadoopFile.write(fileSystem(), path(), stream -> Files.copy(source, stream));
  }

  @Override
  public void delete() throws IOException {
    fileSystem().delete(path(), false);
  }

  private <T> T look(Question<T> question) {
    try {
      return question.ask(fileSystem(), path());
    } catch (IOException | IllegalArgumentException e) {
      throw new BadInputException(
          String.format(
              "Cannot look at %s: %s; expected a Hadoop file system that can be reached, check the"
                  + " path and --conf spark.hadoop.….",
              location, reason(e)),
          e);
    }
  }

  private static String reason(Exception failure) {
    return String.valueOf(failure.getMessage())
        .lines()
        .map(String::strip)
        .filter(line -> !line.isEmpty())
        .findFirst()
        .orElse("");
  }

  @Override
  public String toString() {
    return location.text();
  }
}
