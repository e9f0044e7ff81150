package org.longrope.driver.store.files;

import java.io.IOException;
import java.io.InputStream;
import java.io.UncheckedIOException;
import java.nio.ByteBuffer;
import java.nio.charset.CharacterCodingException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import org.longrope.eval.BadInputException;
import org.longrope.eval.Sha256;

/** File or directory at a {@link FileLocation}, existing or not, with its file system. */
public sealed interface StoredFile permits LocalFile, HadoopFile {
  /** Names a file or directory of this host. */
  static StoredFile of(Path local) {
    return new LocalFile(FileLocation.of(local));
  }

  FileLocation location();

  /** Names a file in this directory. */
  StoredFile resolve(String name);

  /**
   * Tells whether a file or directory is there.
   *
   * @throws BadInputException if its file system cannot be reached
   */
  boolean exists();

  /**
   * Tells whether a file is there.
   *
   * @throws BadInputException if its file system cannot be reached
   */
  boolean isFile();

  /**
   * Tells whether a directory is there.
   *
   * @throws BadInputException if its file system cannot be reached
   */
  boolean isDirectory();

  /**
   * Tells whether nothing is in this directory.
   *
   * @throws BadInputException if it is no directory, or cannot be read
   */
  boolean isEmpty();

  /**
   * Lists the files of this directory, by name.
   *
   * @throws BadInputException if it is no directory, or cannot be read
   */
  List<StoredFile> files();

  /**
   * Opens the file.
   *
   * @throws java.io.FileNotFoundException if there is none
   */
  InputStream open() throws IOException;

  /**
   * Replaces the file, and makes its directories: readers see the old one or the new one, whole.
   */
  void write(byte[] content) throws IOException;

  /** Replaces the file by a local one: readers see the old one or the new one, whole. */
  void copyFrom(Path source) throws IOException;

  /** Removes the file; does nothing if there is none. */
  void delete() throws IOException;

  /** Tells whether this and another name one file that is there. */
  default boolean isSameFile(StoredFile other) throws IOException {
    if (location().isRemote() || other.location().isRemote()) {
      return location().equals(other.location());
    }
    return other.exists() && Files.isSameFile(location().local(), other.location().local());
  }

  /** Returns the last part of the path. */
  default String name() {
    return location().name();
  }

  /** Reads the whole file. */
  default byte[] readBytes() throws IOException {
    try (InputStream stream = open()) {
      return stream.readAllBytes();
    }
  }

  /**
   * Reads the whole file as UTF-8.
   *
   * @throws CharacterCodingException if it is not UTF-8
   */
  default String readText() throws IOException {
    return StandardCharsets.UTF_8.newDecoder().decode(ByteBuffer.wrap(readBytes())).toString();
  }

  /** Returns the SHA-256 of the content in hexadecimal. */
  default String sha256() {
    try (InputStream stream = open()) {
      return new Sha256().add(stream).hex();
    } catch (IOException e) {
      throw new UncheckedIOException("Cannot read " + this, e);
    }
  }
}
