package org.longrope.driver.execution.worker;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.attribute.FileTime;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;
import java.util.concurrent.TimeUnit;
import java.util.stream.Stream;
import org.apache.commons.io.FileUtils;
import org.apache.hadoop.conf.Configuration;
import org.apache.hadoop.fs.FileStatus;
import org.assertj.core.api.ThrowableAssert.ThrowingCallable;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.longrope.driver.TinyWorld;
import org.longrope.driver.store.files.FileLocation;
import org.longrope.eval.BadInputException;
import org.longrope.eval.checkpoint.Checkpoint;

/** Copies of models, once for a host, from a file system that can be counted and broken. */
class ModelCacheTest {
  private static final Configuration HADOOP = RemoteFiles.hadoop();

  @TempDir private Path folder;
  private Path source;
  private Path directory;
  private ModelCache cache;

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

  private String location() {
    return RemoteFiles.location(source);
  }

  private static String hash(Path model) {
    return Checkpoint.open(model).sha256();
  }

  @Test
  void localise_local_isUsedInPlace() throws IOException {
    for (String location : List.of(source.toString(), "file:" + source, "file://" + source)) {
      assertThat(FileLocation.parse(location).isRemote()).isFalse();
      assertThat(cache.localise(location, HADOOP)).isEqualTo(source);
      assertThat(cache.localise(location, "0".repeat(64), HADOOP)).isEqualTo(source);
    }
    assertThat(cache.localise("models/tiny", HADOOP)).isEqualTo(Path.of("models/tiny"));
    assertThat(directory).doesNotExist();
  }

  @Test
  void localise_calledTwice_copiesOnce() throws IOException {
    Path model = cache.localise(location(), HADOOP);
    assertThat(model).isEqualTo(directory.resolve(hash(source)));
    assertThat(RemoteFiles.OPENED).hasValue(3);
    try (Stream<Path> files = Files.list(model)) {
      assertThat(files.map(file -> file.getFileName().toString()))
          .containsExactlyInAnyOrder("config.json", "model.safetensors", "tokenizer.json");
    }
    assertThat(model.resolve("model.safetensors"))
        .hasSameBinaryContentAs(source.resolve("model.safetensors"));

    assertThat(cache.localise(location(), HADOOP)).isEqualTo(model);
    assertThat(new ModelCache(directory).localise(location(), HADOOP)).isEqualTo(model);
    assertThat(cache.localise(location(), hash(source), HADOOP)).isEqualTo(model);
    assertThat(RemoteFiles.OPENED).hasValue(3);
  }

  @Test
  void open_copyThatWasDamaged_isMadeAnew() throws IOException {
    Path model = cache.open(location(), null, HADOOP).directory();
    String hash = hash(source);
    byte[] weights = Files.readAllBytes(model.resolve("model.safetensors"));
    weights[weights.length - 1] ^= 1;
    Files.write(model.resolve("model.safetensors"), weights);
    assertThat(cache.open(location(), hash, HADOOP).sha256()).isEqualTo(hash);
    Files.delete(model.resolve("config.json"));
    assertThat(cache.open(location(), null, HADOOP).sha256()).isEqualTo(hash);
    assertThat(model).isDirectory();
  }

  @Test
  void localise_knownHash_needsNoRemote() throws IOException {
    Path model = cache.localise(location(), HADOOP);
    FileUtils.deleteDirectory(source.toFile());
    assertThat(cache.localise(location(), hash(model), HADOOP)).isEqualTo(model);
  }

  @Test
  void localise_byHashFirst_isFoundByTheListingLater() {
    Path model = cache.localise(location(), hash(source), HADOOP);
    assertThat(cache.localise(location(), HADOOP)).isEqualTo(model);
    assertThat(RemoteFiles.OPENED).hasValue(3);
  }

  @Test
  void localise_changedFile_isNoticed() throws IOException {
    Path before = cache.localise(location(), HADOOP);
    TinyWorld.model(source, 2);
    // Same names and lengths; a file system that is quick could give the same time too.
    Path weights = source.resolve("model.safetensors");
    Files.setLastModifiedTime(
        weights, FileTime.fromMillis(Files.getLastModifiedTime(weights).toMillis() + 5000));
    Path after = cache.localise(location(), HADOOP);
    assertThat(after).isNotEqualTo(before).isEqualTo(directory.resolve(hash(source)));
    assertThat(before).isDirectory();
  }

  @Test
  void localise_sameWeightsWithAnotherTokenizer_keepsBoth() throws IOException {
    Path before = cache.localise(location(), HADOOP);
    Files.writeString(source.resolve("tokenizer.json"), "{\"version\": 2}");
    Path after = cache.localise(location(), HADOOP);
    assertThat(after.resolve("tokenizer.json")).hasContent("{\"version\": 2}");
    assertThat(before.resolve("tokenizer.json")).hasContent("{}");
    assertThat(cache.localise(location(), HADOOP)).isEqualTo(after);
    assertThat(cache.localise(location(), hash(source), HADOOP)).isEqualTo(before);
    assertThat(RemoteFiles.OPENED).hasValue(6);
  }

  @Test
  void localise_damagedNote_isCopiedAgain() throws IOException {
    Path model = cache.localise(location(), HADOOP);
    Path note;
    try (Stream<Path> notes = Files.list(directory.resolve("sources"))) {
      note = notes.findFirst().orElseThrow();
    }
    for (String damaged : List.of("", "../" + hash(source), "0".repeat(64))) {
      Files.writeString(note, damaged);
      assertThat(cache.localise(location(), HADOOP)).isEqualTo(model);
    }
    assertThat(RemoteFiles.OPENED).hasValue(12);
  }

  @Test
  void localise_severalThreads_copyOnce() throws Exception {
    CountDownLatch begun = new CountDownLatch(1);
    ExecutorService threads = Executors.newFixedThreadPool(4);
    try {
      List<Future<Path>> models = new ArrayList<>();
      for (int thread = 0; thread < 4; thread++) {
        models.add(
            threads.submit(
                () -> {
                  begun.await();
                  return new ModelCache(directory).localise(location(), HADOOP);
                }));
      }
      begun.countDown();
      for (Future<Path> model : models) {
        assertThat(model.get(1, TimeUnit.MINUTES)).isEqualTo(directory.resolve(hash(source)));
      }
    } finally {
      threads.shutdownNow();
    }
    assertThat(RemoteFiles.OPENED).hasValue(3);
  }

  @Test
  void localise_severalProcesses_copyOnce() throws Exception {
    long bytes = 0;
    for (String file : List.of("config.json", "model.safetensors", "tokenizer.json")) {
      bytes += Files.size(source.resolve(file));
    }
    Process one = CopyingProcess.start(directory, location());
    Process two = CopyingProcess.start(directory, location());
    assertThat(CopyingProcess.bytesRead(one) + CopyingProcess.bytesRead(two)).isEqualTo(bytes);
  }

  @Test
  void localise_afterAKilledProcess_copiesAnew() throws Exception {
    Process hanging =
        CopyingProcess.start(directory, location(), "-D" + RemoteFiles.HANGS_AT + "=2");
    long deadline = System.nanoTime() + TimeUnit.MINUTES.toNanos(1);
    while (parts().isEmpty() && hanging.isAlive() && System.nanoTime() < deadline) {
      TimeUnit.MILLISECONDS.sleep(10);
    }
    assertThat(parts()).hasSize(1);
    assertThat(models()).isEmpty();
    hanging.destroyForcibly();
    assertThat(hanging.waitFor(1, TimeUnit.MINUTES)).isTrue();

    assertThat(hash(cache.localise(location(), HADOOP))).isEqualTo(hash(source));
    assertThat(parts()).isEmpty();
  }

  @Test
  void localise_anotherHash_isRefusedWithBoth() {
    String expected = "a".repeat(64);
    assertRefused(
        () -> cache.localise(location(), expected, HADOOP), location(), expected, hash(source));
    assertThatThrownBy(() -> cache.localise(location(), "../" + expected, HADOOP))
        .isInstanceOf(IllegalArgumentException.class);
  }

  @Test
  void localise_noModel_isRefusedBeforeAnythingIsCopied() throws IOException {
    assertRefused(
        () -> cache.localise(location() + "-nowhere", HADOOP),
        "No directory " + location() + "-nowhere");
    assertRefused(
        () -> cache.localise(location() + "/config.json", HADOOP), "No directory " + location());
    assertRefused(() -> cache.localise("nosuch://host/model", HADOOP), "nosuch://host/model");
    Files.move(source.resolve("config.json"), source.resolve("tokenizer_config.json"));
    assertRefused(() -> cache.localise(location(), HADOOP), "No config.json file in " + location());
    Files.move(source.resolve("tokenizer_config.json"), source.resolve("config.json"));
    Files.move(source.resolve("model.safetensors"), source.resolve("pytorch_model.bin"));
    assertRefused(() -> cache.localise(location(), HADOOP), "No .safetensors file", location());
    assertThat(RemoteFiles.OPENED).hasValue(0);
    assertThat(directory).doesNotExist();
  }

  @Test
  void localise_damagedModel_isRefusedByItsRemoteName() throws IOException {
    Files.writeString(source.resolve("model.safetensors"), "damaged");
    assertRefused(() -> cache.localise(location(), HADOOP), location() + "/model.safetensors");
  }

  @Test
  void localise_brokenConnection_leavesNothing() {
    RemoteFiles.opening =
        name -> {
          if (name.equals("model.safetensors")) {
            throw new IOException("connection reset\n\tat stack");
          }
        };
    assertRefused(
        () -> cache.localise(location(), HADOOP), "Cannot copy " + location(), "connection reset");
    RemoteFiles.reset();
    assertThat(cache.localise(location(), HADOOP)).isEqualTo(directory.resolve(hash(source)));
  }

  @Test
  void localise_modelLargerThanTheDisk_isRefusedBeforeAnythingIsCopied() {
    RemoteFiles.listing = file -> withLength(file, 1L << 60);
    assertRefused(() -> cache.localise(location(), HADOOP), location(), "expected room for");
    assertThat(RemoteFiles.OPENED).hasValue(0);
  }

  @Test
  void localise_fileCutOff_isRefused() {
    RemoteFiles.listing = file -> withLength(file, file.getLen() + 1);
    assertRefused(() -> cache.localise(location(), HADOOP), location(), "not of the length");
  }

  @Test
  void localise_listingThatLeavesTheFolder_writesNothingOutside() throws IOException {
    Path outside = Files.writeString(folder.resolve("outside.json"), "{}");
    RemoteFiles.listing =
        file ->
            file.getPath().getName().equals("tokenizer.json")
                ? new FileStatus(
                    2,
                    false,
                    1,
                    1,
                    0,
                    new org.apache.hadoop.fs.Path(location() + "/../" + outside.getFileName()))
                : file;
    Path model = cache.localise(location(), HADOOP);
    assertThat(model.resolve("outside.json")).isRegularFile();
    assertThat(directory.resolve("outside.json")).doesNotExist();
  }

  @Test
  void localise_changedUnderway_isRefused() {
    RemoteFiles.opening =
        name ->
            Files.setLastModifiedTime(source.resolve("config.json"), FileTime.fromMillis(12345));
    assertRefused(() -> cache.localise(location(), HADOOP), location() + " changed while");
  }

  @Test
  void ofHost_property_namesTheDirectory() {
    System.setProperty("longrope.cache", directory.toString());
    assertThat(ModelCache.ofHost().localise(location(), HADOOP)).hasParent(directory);
  }

  @Test
  void ofHost_homeThatCannotBeWritten_usesTemporaryFiles() throws IOException {
    String home = System.getProperty("user.home");
    String temporary = System.getProperty("java.io.tmpdir");
    System.setProperty("java.io.tmpdir", folder.toString());
    try {
      System.setProperty("user.home", folder.toString());
      assertThat(ModelCache.ofHost().localise(location(), HADOOP))
          .hasParent(folder.resolve(".cache/longrope/models"));
      for (String none : List.of("?", Files.createFile(folder.resolve("file")).toString())) {
        System.setProperty("user.home", none);
        Path parent = ModelCache.ofHost().localise(location(), HADOOP).getParent();
        assertThat(parent).hasParent(folder);
        assertThat(parent.getFileName().toString()).startsWith("longrope-models-");
      }
    } finally {
      System.setProperty("user.home", home);
      System.setProperty("java.io.tmpdir", temporary);
    }
  }

  private static FileStatus withLength(FileStatus file, long length) {
    return new FileStatus(
        length, file.isDirectory(), 1, 1, file.getModificationTime(), file.getPath());
  }

  /** One sentence, and no trace of the model but the lock. */
  private void assertRefused(ThrowingCallable action, String... parts) {
    assertThatThrownBy(action)
        .isInstanceOf(BadInputException.class)
        .hasMessageContainingAll(parts)
        .satisfies(e -> assertThat(e.getMessage().lines()).hasSize(1));
    assertThat(models()).isEmpty();
    assertThat(parts()).isEmpty();
  }

  private List<String> models() {
    return names("[0-9a-f-]+");
  }

  private List<String> parts() {
    return names(".*\\.part");
  }

  private List<String> names(String pattern) {
    if (!Files.isDirectory(directory)) {
      return List.of();
    }
    try (Stream<Path> files = Files.list(directory)) {
      return files.map(f -> f.getFileName().toString()).filter(n -> n.matches(pattern)).toList();
    } catch (IOException e) {
      throw new java.io.UncheckedIOException(e);
    }
  }
}
