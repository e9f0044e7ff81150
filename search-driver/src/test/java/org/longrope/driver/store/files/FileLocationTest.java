package org.longrope.driver.store.files;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.io.FileNotFoundException;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import org.apache.hadoop.conf.Configuration;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;
import org.longrope.driver.execution.worker.RemoteFiles;
import org.longrope.driver.run.ObjectStore;
import org.longrope.eval.BadInputException;

class FileLocationTest {
  private static final Configuration HADOOP = hadoop();

  @TempDir private Path directory;

  private static Configuration hadoop() {
    Configuration hadoop = RemoteFiles.hadoop();
    hadoop.set("fs.store.impl", ObjectStore.class.getName());
    return hadoop;
  }

  private List<StoredFile> places() {
    return List.of(
        StoredFile.of(directory.resolve("local")),
        FileLocation.parse(RemoteFiles.location(directory.resolve("remote"))).on(HADOOP),
        FileLocation.parse(ObjectStore.location(directory.resolve("store"))).on(HADOOP));
  }

  @ParameterizedTest
  @CsvSource({
    "model, model",
    "model/, model",
    "./a/../b, ./a/../b",
    "/a/b, /a/b",
    "file:/a/b, /a/b",
    "file:///a/b/, /a/b",
    "a:b, a:b",
  })
  void parse_pathOfThisHost_isLocal(String text, String path) {
    FileLocation location = FileLocation.parse(text);
    assertThat(location.isRemote()).isFalse();
    assertThat(location).hasToString(path);
    assertThat(location.local()).isEqualTo(Path.of(path));
    assertThat(location.absolute())
        .isEqualTo(Path.of(path).toAbsolutePath().normalize().toString());
    assertThat(location.resolve("x").local()).isEqualTo(Path.of(path, "x"));
  }

  @ParameterizedTest
  @CsvSource({
    "s3a://bucket/a, s3a://bucket/a, a, s3a://bucket/a/x",
    "s3a://bucket//a/, s3a://bucket/a, a, s3a://bucket/a/x",
    "s3a://bucket, s3a://bucket/, '', s3a://bucket/x",
    "hdfs://host:1/a/b, hdfs://host:1/a/b, b, hdfs://host:1/a/b/x",
    "hdfs:///a, hdfs:/a, a, hdfs:/a/x",
  })
  void parse_otherScheme_isRemote(String text, String normal, String name, String below) {
    FileLocation location = FileLocation.parse(text);
    assertThat(location.isRemote()).isTrue();
    assertThat(location).hasToString(normal).isEqualTo(FileLocation.parse(normal));
    assertThat(location.absolute()).isEqualTo(normal);
    assertThat(location.name()).isEqualTo(name);
    assertThat(location.resolve("x")).hasToString(below);
    assertThatThrownBy(location::local).isInstanceOf(IllegalStateException.class);
  }

  @ParameterizedTest
  @ValueSource(strings = {"s3a://[bucket/x", "a\0b"})
  void parse_noPath_isRejectedInOneSentence(String text) {
    assertThatThrownBy(() -> FileLocation.parse(text))
        .isInstanceOf(BadInputException.class)
        .hasMessageContaining("is no path");
  }

  @Test
  void file_onEveryFileSystem_isWrittenWholeAndReadBack() throws IOException {
    for (StoredFile place : places()) {
      StoredFile file = place.resolve("below").resolve("file.txt");
      assertThat(file.exists()).isFalse();
      assertThatThrownBy(file::open).isInstanceOf(FileNotFoundException.class);
      file.write("first".getBytes(StandardCharsets.UTF_8));
      file.write("sécond".getBytes(StandardCharsets.UTF_8));
      assertThat(file.readText()).isEqualTo("sécond");
      assertThat(file.isFile()).isTrue();
      assertThat(file.isDirectory()).isFalse();
      place
          .resolve("below")
          .resolve("bytes")
          .copyFrom(Files.write(directory.resolve("b"), new byte[] {-1}));
      assertThatThrownBy(place.resolve("below").resolve("bytes")::readText)
          .isInstanceOf(IOException.class);
      assertThat(place.resolve("below").files())
          .extracting(StoredFile::name)
          .containsExactly("bytes", "file.txt");
      assertThat(place.isDirectory()).isTrue();
      file.delete();
      assertThat(file.exists()).isFalse();
    }
    assertThat(directory.resolve("remote/below")).isDirectoryContaining("glob:**/bytes");
    assertThat(directory.resolve("store/below")).isDirectoryContaining("glob:**/bytes");
  }

  @Test
  void unknownFileSystem_isRejectedInOneSentence() {
    StoredFile file = FileLocation.parse("nowhere://bucket/x").on(HADOOP);
    assertThatThrownBy(file::exists)
        .isInstanceOf(BadInputException.class)
        .hasMessageContaining("Cannot look at nowhere://bucket/x: No FileSystem for scheme")
        .hasMessageContaining("--conf spark.hadoop.…");
  }

  @Test
  void hadoopSettings_afterSerialization_nameTheDefaultFileSystems() {
    Configuration given = new Configuration();
    given.set("fs.s3a.endpoint", "http://127.0.0.1:1");
    HadoopSettings settings = HadoopSettings.of(given);
    assertThat(settings.changed())
        .containsExactly(java.util.Map.entry("fs.s3a.endpoint", "http://127.0.0.1:1"));
    Configuration there = settings.configuration();
    assertThat(there.get("fs.s3a.impl")).isEqualTo("org.apache.hadoop.fs.s3a.S3AFileSystem");
    assertThat(there.get("fs.s3a.endpoint")).isEqualTo("http://127.0.0.1:1");
  }
}
