package org.longrope.driver.store.files;

import java.io.FileNotFoundException;
import java.io.IOException;
import java.io.InputStream;
import java.io.OutputStream;
import java.nio.channels.Channels;
import java.nio.file.Files;
import java.nio.file.NoSuchFileException;
import java.nio.file.Path;
import java.util.List;
import java.util.function.Function;
import java.util.stream.Stream;
import org.longrope.eval.AtomicFile;
import org.longrope.eval.BadInputException;

/** File of this host, with the permissions that the process gives its files. */
record LocalFile(FileLocation location) implements StoredFile {
  private Path path() {
    return location.local();
  }

  @Override
  public StoredFile resolve(String name) {
    return new LocalFile(location.resolve(name));
  }

  @Override
  public boolean exists() {
    return Files.exists(path());
  }

  @Override
  public boolean isFile() {
    // What a shell gives as a file, <(…), is none of the regular ones.
    return Files.exists(path()) && !Files.isDirectory(path());
  }

  @Override
  public boolean isDirectory() {
    return Files.isDirectory(path());
  }

  @Override
  public boolean isEmpty() {
    return list(files -> files.findAny().isEmpty());
  }

  @Override
  public List<StoredFile> files() {
    return list(files -> files.filter(Files::isRegularFile).sorted().map(StoredFile::of).toList());
  }

  private <T> T list(Function<Stream<Path>, T> use) {
    try (Stream<Path> files = Files.list(path())) {
      return use.apply(files);
    } catch (IOException e) {
      throw new BadInputException(
          String.format("Cannot list %s (%s): expected a directory that can be read.", this, e), e);
    }
  }

  @Override
  public InputStream open() throws IOException {
    try {
      return Files.newInputStream(path());
    } catch (NoSuchFileException e) {
      FileNotFoundException missing = new FileNotFoundException(location.text());
      missing.initCause(e);
      throw missing;
    }
  }

  @Override
  public void write(byte[] content) throws IOException {
    replace(stream -> stream.write(content));
  }

  @Override
  public void copyFrom(Path source) throws IOException {
    replace(stream -> Files.copy(source, stream));
  }

  private void replace(Content content) throws IOException {
    Path target = path().toAbsolutePath();
    if (isFile() && !Files.isRegularFile(target)) {
      // A device or a pipe is written to; a rename would put a file in its place.
      try (OutputStream stream = Files.newOutputStream(target)) {
        content.writeTo(stream);
      }
      return;
    }
    try (AtomicFile writer = AtomicFile.open(target)) {
      content.writeTo(Channels.newOutputStream(writer.channel()));
      writer.commit();
    }
  }

  @Override
  public void delete() throws IOException {
    Files.deleteIfExists(path());
  }

  @Override
  public String toString() {
    return location.text();
  }
}
