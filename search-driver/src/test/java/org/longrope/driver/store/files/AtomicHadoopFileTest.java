package org.longrope.driver.store.files;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import org.apache.hadoop.conf.Configuration;
import org.apache.hadoop.fs.FileSystem;
import org.apache.hadoop.fs.LocalFileSystem;
import org.apache.hadoop.fs.Path;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class AtomicHadoopFileTest {
  @TempDir java.nio.file.Path directory;

  private FileSystem files;
  private java.nio.file.Path local;
  private Path file;

  @BeforeEach
  void open() throws IOException {
    files = ((LocalFileSystem) FileSystem.getLocal(new Configuration())).getRawFileSystem();
    local = directory.resolve("a.json");
    file = new Path(local.toUri());
  }

  private static byte[] bytes(String text) {
    return text.getBytes(StandardCharsets.UTF_8);
  }

  private String[] names() throws IOException {
    try (var list = Files.list(directory)) {
      return list.map(name -> name.getFileName().toString()).toArray(String[]::new);
    }
  }

  @Test
  void write_existingFile_replacesAndLeavesNothingElse() throws IOException {
    AtomicHadoopFile.write(files, file, bytes("old"));
    AtomicHadoopFile.write(files, file, bytes("new"));
    assertThat(local).hasContent("new");
    assertThat(names()).containsExactly("a.json");
  }

  @Test
  void write_noRoomForTheRest_leavesTheOldContentAlone() throws IOException {
    AtomicHadoopFile.write(files, file, bytes("old"));
    assertThatThrownBy(
            () ->
                AtomicHadoopFile.write(
                    files,
                    file,
                    stream -> {
                      stream.write(bytes("half"));
                      throw new IOException("No space left on device");
                    }))
        .hasMessage("No space left on device");
    assertThat(local).hasContent("old");
    assertThat(names()).containsExactly("a.json");
  }

  @Test
  void write_twoWritersAtOnce_keepsTheContentOfTheLastOneWhole() throws IOException {
    AtomicHadoopFile.write(
        files,
        file,
        stream -> {
          stream.write(bytes("1111"));
          AtomicHadoopFile.write(files, file, bytes("22"));
          assertThat(local).hasContent("22");
          stream.write(bytes("11"));
        });
    assertThat(local).hasContent("111111");
    assertThat(names()).containsExactly("a.json");
  }

  @Test
  void removeUnfinished_partsOfThisAndEarlierVersions_areRemoved() throws IOException {
    Files.writeString(local, "{}");
    Files.writeString(directory.resolve(".a.json.part"), "{");
    Files.writeString(directory.resolve(".a.json.12345678.part"), "{");
    Files.writeString(directory.resolve(".b.json.part"), "{");
    HadoopDirectory.at(directory.toString(), "a run", new Configuration())
        .removeUnfinished("a.json");
    assertThat(names()).containsExactlyInAnyOrder("a.json", ".b.json.part");
  }
}
