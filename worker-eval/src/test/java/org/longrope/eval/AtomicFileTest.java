package org.longrope.eval;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.channels.ClosedChannelException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.attribute.PosixFilePermissions;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class AtomicFileTest {
  @TempDir Path directory;

  private static byte[] bytes(String text) {
    return text.getBytes(StandardCharsets.UTF_8);
  }

  private String[] names() throws IOException {
    try (var files = Files.list(directory)) {
      return files.map(file -> file.getFileName().toString()).sorted().toArray(String[]::new);
    }
  }

  @Test
  void write_newAndExistingFile_replacesAndLeavesNothingElse() throws IOException {
    Path file = directory.resolve("a.json");
    AtomicFile.write(file, bytes("a longer one"));
    AtomicFile.write(file, bytes("two"));
    assertThat(file).hasContent("two");
    assertThat(names()).containsExactly("a.json");
  }

  @Test
  void write_directoryMissing_isMade() throws IOException {
    AtomicFile.write(directory.resolve("b/c/a.json"), bytes("deep"));
    assertThat(directory.resolve("b/c/a.json")).hasContent("deep");
  }

  @Test
  void write_parentIsAFile_saysSo() throws IOException {
    Path parent = Files.writeString(directory.resolve("plain"), "");
    assertThatThrownBy(() -> AtomicFile.write(parent.resolve("a.json"), bytes("x")))
        .isInstanceOf(IOException.class)
        .hasMessage(parent + " is a file; expected a directory");
  }

  @Test
  void write_targetIsADirectory_saysSo() {
    assertThatThrownBy(() -> AtomicFile.write(directory, bytes("x")))
        .isInstanceOf(IOException.class)
        .hasMessage(directory + " is a directory; name a file in it");
  }

  @Test
  void close_withoutCommit_leavesTheOldContent() throws IOException {
    Path file = directory.resolve("a.json");
    AtomicFile.write(file, bytes("old"));
    try (AtomicFile writer = AtomicFile.open(file)) {
      writer.write(ByteBuffer.wrap(bytes("new, of which")));
      assertThat(file).hasContent("old");
    }
    assertThat(file).hasContent("old");
    assertThat(names()).containsExactly("a.json");
  }

  @Test
  void commit_afterAFailedWrite_leavesTheOldContent() throws IOException {
    Path file = directory.resolve("a.json");
    AtomicFile.write(file, bytes("old"));
    assertThatThrownBy(
            () -> {
              try (AtomicFile writer = AtomicFile.open(file)) {
                writer.write(ByteBuffer.wrap(bytes("new, of which")));
                writer.channel().close();
                writer.write(ByteBuffer.wrap(bytes(" the rest finds no room")));
                writer.commit();
              }
            })
        .isInstanceOf(ClosedChannelException.class);
    assertThat(file).hasContent("old");
    assertThat(names()).containsExactly("a.json");
  }

  @Test
  void commit_twoWritersAtOnce_keepsTheContentOfTheLastOneWhole() throws IOException {
    Path file = directory.resolve("a.json");
    try (AtomicFile first = AtomicFile.open(file);
        AtomicFile second = AtomicFile.open(file)) {
      first.write(ByteBuffer.wrap(bytes("1111")));
      second.write(ByteBuffer.wrap(bytes("22")));
      second.commit();
      first.write(ByteBuffer.wrap(bytes("11")));
      assertThat(file).hasContent("22");
      first.commit();
    }
    assertThat(file).hasContent("111111");
    assertThat(names()).containsExactly("a.json");
  }

  @Test
  void open_processDiedBeforeCommit_leavesTheOldContentAndANamedPart() throws IOException {
    Path file = directory.resolve("a.json");
    AtomicFile.write(file, bytes("old"));
    // A process that dies closes no writer.
    AtomicFile dead = AtomicFile.open(file);
    dead.write(ByteBuffer.wrap(bytes("half of the n")));
    assertThat(file).hasContent("old");
    AtomicFile.write(file, bytes("new"));
    assertThat(file).hasContent("new");
    assertThat(names()).hasSize(2).anyMatch(name -> AtomicFile.isPartOf("a.json", name));
    assertThat(AtomicFile.isPartOf("a.json", "a.json")).isFalse();
    assertThat(AtomicFile.isPartOf("a.json", ".b.json.12345678.part")).isFalse();
    dead.close();
  }

  @Test
  void write_withPermissions_setsThem() throws IOException {
    Path file = directory.resolve("secret");
    AtomicFile.write(
        file,
        bytes("x"),
        PosixFilePermissions.asFileAttribute(PosixFilePermissions.fromString("rw-------")));
    assertThat(PosixFilePermissions.toString(Files.getPosixFilePermissions(file)))
        .isEqualTo("rw-------");
  }
}
