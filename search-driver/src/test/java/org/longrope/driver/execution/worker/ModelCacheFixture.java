package org.longrope.driver.execution.worker;

import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.stream.Stream;
import org.apache.commons.io.FileUtils;
import org.apache.hadoop.conf.Configuration;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.io.TempDir;
import org.longrope.driver.TinyWorld;
import org.longrope.eval.checkpoint.Checkpoint;

/** A remote model in a file system that counts openings and can fail, and an empty cache. */
abstract class ModelCacheFixture {
  static final Configuration HADOOP = RemoteFiles.hadoop();

  @TempDir Path folder;
  Path source;
  Path directory;
  ModelCache cache;

  @BeforeEach
  void remoteModel() throws IOException {
    source = folder.resolve("source");
    FileUtils.copyDirectory(TinyWorld.shared().model().toFile(), source.toFile());
    Files.writeString(source.resolve("tokenizer.json"), "{}");
    Files.writeString(source.resolve("README.md"), "not the model's");
    Files.createDirectory(source.resolve("onnx.json"));
    directory = folder.resolve("cache");
    cache = new ModelCache(directory);
    RemoteFiles.reset();
  }

  @AfterEach
  void resetHost() {
    RemoteFiles.reset();
    System.clearProperty("longrope.cache");
  }

  String location() {
    return RemoteFiles.location(source);
  }

  static String hash(Path model) {
    return Checkpoint.open(model).sha256();
  }

  List<String> models() {
    return names("[0-9a-f-]+");
  }

  List<String> parts() {
    return names(".*\\.part");
  }

  private List<String> names(String pattern) {
    if (!Files.isDirectory(directory)) {
      return List.of();
    }
    try (Stream<Path> files = Files.list(directory)) {
      return files.map(f -> f.getFileName().toString()).filter(n -> n.matches(pattern)).toList();
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
  }
}
