package org.longrope.driver.execution.worker;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.io.UncheckedIOException;
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
import org.apache.hadoop.fs.FileStatus;
import org.junit.jupiter.api.Test;
import org.longrope.driver.TinyWorld;
import org.longrope.driver.store.files.FileLocation;
import org.longrope.eval.checkpoint.Checkpoint;

/** Copies and their reuse by several processes. */
class ModelCacheTest extends ModelCacheFixture {
  @Test
  void open_localModel_isUsedInPlace() throws IOException {
    for (String location : List.of(source.toString(), "file:" + source, "file://" + source)) {
      assertThat(FileLocation.parse(location).isRemote()).isFalse();
      assertThat(cache.open(location, null, HADOOP).directory()).isEqualTo(source);
      assertThat(cache.open(location, "0".repeat(64), HADOOP).directory()).isEqualTo(source);
    }
    assertThat(directory).doesNotExist();
  }

  @Test
  void open_calledTwice_copiesOnce() throws IOException {
    Path model = cache.open(location(), null, HADOOP).directory();
    assertThat(model).isEqualTo(directory.resolve(hash(source)));
    assertThat(RemoteFiles.OPENED).hasValue(3);
    try (Stream<Path> files = Files.list(model)) {
      assertThat(files.map(file -> file.getFileName().toString()))
          .containsExactlyInAnyOrder("config.json", "model.safetensors", "tokenizer.json");
    }
    assertThat(model.resolve("model.safetensors"))
        .hasSameBinaryContentAs(source.resolve("model.safetensors"));

    assertThat(cache.open(location(), null, HADOOP).directory()).isEqualTo(model);
    assertThat(new ModelCache(directory).open(location(), null, HADOOP).directory())
        .isEqualTo(model);
    assertThat(cache.open(location(), hash(source), HADOOP).directory()).isEqualTo(model);
    assertThat(RemoteFiles.OPENED).hasValue(3);
  }

  @Test
  void open_damagedCopy_isCopiedAgain() throws IOException {
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
  void open_damagedCopyThatAnotherProcessReplaces_isNotRemovedBeforeTheLock() throws IOException {
    Path weights = cache.open(location(), null, HADOOP).directory().resolve("model.safetensors");
    byte[] whole = Files.readAllBytes(weights);
    Files.write(weights, new byte[] {1});
    // The folder is listed after the damage was noticed and before the lock is held.
    RemoteFiles.listing =
        file -> {
          assertThat(weights).exists();
          write(weights, whole);
          return file;
        };
    int opened = RemoteFiles.OPENED.get();
    assertThat(cache.open(location(), hash(source), HADOOP).directory())
        .isEqualTo(weights.getParent());
    assertThat(RemoteFiles.OPENED).hasValue(opened);
  }

  @Test
  void open_newOrExistingCopy_readsTheWeightsOnce() throws IOException {
    long size = Files.size(source.resolve("model.safetensors"));
    for (String sha256 : new String[] {null, hash(source)}) {
      for (int start = 0; start < 2; start++) {
        try (FileReads reads = FileReads.record()) {
          Checkpoint checkpoint = new ModelCache(directory).open(location(), sha256, HADOOP);
          assertThat(checkpoint.sha256()).isEqualTo(hash(source));
          // Headers are read apart.
          assertThat(reads.bytes(directory, "model.safetensors")).isBetween(size, 2 * size - 1);
        }
      }
      FileUtils.deleteDirectory(directory.toFile());
    }
  }

  @Test
  void open_knownHash_needsNoRemoteFiles() throws IOException {
    Path model = cache.open(location(), null, HADOOP).directory();
    FileUtils.deleteDirectory(source.toFile());
    assertThat(cache.open(location(), hash(model), HADOOP).directory()).isEqualTo(model);
  }

  @Test
  void open_copiedByHash_isFoundByListing() {
    Path model = cache.open(location(), hash(source), HADOOP).directory();
    assertThat(cache.open(location(), null, HADOOP).directory()).isEqualTo(model);
    assertThat(RemoteFiles.OPENED).hasValue(3);
  }

  @Test
  void open_changedFile_isCopiedAgain() throws IOException {
    Path before = cache.open(location(), null, HADOOP).directory();
    TinyWorld.model(source, 2);
    // Names and lengths are equal, and so may be the times of two quick changes.
    Path weights = source.resolve("model.safetensors");
    Files.setLastModifiedTime(
        weights, FileTime.fromMillis(Files.getLastModifiedTime(weights).toMillis() + 5000));
    Path after = cache.open(location(), null, HADOOP).directory();
    assertThat(after).isNotEqualTo(before).isEqualTo(directory.resolve(hash(source)));
    assertThat(before).isDirectory();
  }

  @Test
  void open_sameWeightsWithAnotherTokenizer_keepsBoth() throws IOException {
    Path before = cache.open(location(), null, HADOOP).directory();
    Files.writeString(source.resolve("tokenizer.json"), "{\"version\": 2}");
    Path after = cache.open(location(), null, HADOOP).directory();
    assertThat(after.resolve("tokenizer.json")).hasContent("{\"version\": 2}");
    assertThat(before.resolve("tokenizer.json")).hasContent("{}");
    assertThat(cache.open(location(), null, HADOOP).directory()).isEqualTo(after);
    assertThat(cache.open(location(), hash(source), HADOOP).directory()).isEqualTo(before);
    assertThat(RemoteFiles.OPENED).hasValue(6);
  }

  @Test
  void open_damagedNote_isCopiedAgain() throws IOException {
    Path model = cache.open(location(), null, HADOOP).directory();
    Path note;
    try (Stream<Path> notes = Files.list(directory.resolve("sources"))) {
      note = notes.findFirst().orElseThrow();
    }
    for (String damaged : List.of("", "../" + hash(source), "0".repeat(64))) {
      Files.writeString(note, damaged);
      assertThat(cache.open(location(), null, HADOOP).directory()).isEqualTo(model);
    }
    assertThat(RemoteFiles.OPENED).hasValue(12);
  }

  @Test
  void open_bySeveralThreads_copiesOnce() throws Exception {
    CountDownLatch begun = new CountDownLatch(1);
    ExecutorService threads = Executors.newFixedThreadPool(4);
    try {
      List<Future<Path>> models = new ArrayList<>();
      for (int thread = 0; thread < 4; thread++) {
        models.add(
            threads.submit(
                () -> {
                  begun.await();
                  return new ModelCache(directory).open(location(), null, HADOOP).directory();
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
  void open_bySeveralProcesses_copiesOnce() throws Exception {
    long bytes = 0;
    for (String file : List.of("config.json", "model.safetensors", "tokenizer.json")) {
      bytes += Files.size(source.resolve(file));
    }
    Process one = CopyingProcess.start(directory, location());
    Process two = CopyingProcess.start(directory, location());
    assertThat(CopyingProcess.bytesRead(one) + CopyingProcess.bytesRead(two)).isEqualTo(bytes);
  }

  @Test
  void open_afterAKilledProcess_copiesAgain() throws Exception {
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

    assertThat(hash(cache.open(location(), null, HADOOP).directory())).isEqualTo(hash(source));
    assertThat(parts()).isEmpty();
  }

  @Test
  void open_listedPathOutsideTheFolder_isCopiedIntoTheFolder() throws IOException {
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
    Path model = cache.open(location(), null, HADOOP).directory();
    assertThat(model.resolve("outside.json")).isRegularFile();
    assertThat(directory.resolve("outside.json")).doesNotExist();
  }

  @Test
  void ofHost_property_namesTheDirectory() {
    System.setProperty("longrope.cache", directory.toString());
    assertThat(ModelCache.ofHost().open(location(), null, HADOOP).directory()).hasParent(directory);
  }

  @Test
  void ofHost_homeNotWritable_usesTemporaryFiles() throws IOException {
    String home = System.getProperty("user.home");
    String temporary = System.getProperty("java.io.tmpdir");
    System.setProperty("java.io.tmpdir", folder.toString());
    try {
      System.setProperty("user.home", folder.toString());
      assertThat(ModelCache.ofHost().open(location(), null, HADOOP).directory())
          .hasParent(folder.resolve(".cache/longrope/models"));
      for (String none : List.of("?", Files.createFile(folder.resolve("file")).toString())) {
        System.setProperty("user.home", none);
        Path parent = ModelCache.ofHost().open(location(), null, HADOOP).directory().getParent();
        assertThat(parent).hasParent(folder);
        assertThat(parent.getFileName().toString()).startsWith("longrope-models-");
      }
    } finally {
      System.setProperty("user.home", home);
      System.setProperty("java.io.tmpdir", temporary);
    }
  }

  private static void write(Path file, byte[] bytes) {
    try {
      Files.write(file, bytes);
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
  }
}
