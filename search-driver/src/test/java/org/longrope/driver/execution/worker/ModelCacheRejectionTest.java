package org.longrope.driver.execution.worker;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.attribute.FileTime;
import org.apache.hadoop.fs.FileStatus;
import org.assertj.core.api.ThrowableAssert.ThrowingCallable;
import org.junit.jupiter.api.Test;
import org.longrope.eval.BadInputException;

/** Models that cannot be copied: one sentence, and no copy is left. */
class ModelCacheRejectionTest extends ModelCacheFixture {
  @Test
  void open_otherHash_isRejectedWithBothHashes() {
    String expected = "a".repeat(64);
    assertRejected(
        () -> cache.open(location(), expected, HADOOP).directory(),
        location(),
        expected,
        hash(source));
    assertThatThrownBy(() -> cache.open(location(), "../" + expected, HADOOP).directory())
        .isInstanceOf(IllegalArgumentException.class);
  }

  @Test
  void open_noModel_isRejectedBeforeAnythingIsCopied() throws IOException {
    assertRejected(
        () -> cache.open(location() + "-nowhere", null, HADOOP).directory(),
        "No directory " + location() + "-nowhere");
    assertRejected(
        () -> cache.open(location() + "/config.json", null, HADOOP).directory(),
        "No directory " + location());
    assertRejected(
        () -> cache.open("nosuch://host/model", null, HADOOP).directory(), "nosuch://host/model");
    Files.move(source.resolve("config.json"), source.resolve("tokenizer_config.json"));
    assertRejected(
        () -> cache.open(location(), null, HADOOP).directory(),
        "No config.json file in " + location());
    Files.move(source.resolve("tokenizer_config.json"), source.resolve("config.json"));
    Files.move(source.resolve("model.safetensors"), source.resolve("pytorch_model.bin"));
    assertRejected(
        () -> cache.open(location(), null, HADOOP).directory(), "No .safetensors file", location());
    assertThat(RemoteFiles.OPENED).hasValue(0);
    assertThat(directory).doesNotExist();
  }

  @Test
  void open_damagedModel_isRejectedByItsRemoteName() throws IOException {
    Files.writeString(source.resolve("model.safetensors"), "damaged");
    assertRejected(
        () -> cache.open(location(), null, HADOOP).directory(), location() + "/model.safetensors");
  }

  @Test
  void open_brokenConnection_leavesNoCopy() {
    RemoteFiles.opening =
        name -> {
          if (name.equals("model.safetensors")) {
            throw new IOException("connection reset\n\tat stack");
          }
        };
    assertRejected(
        () -> cache.open(location(), null, HADOOP).directory(),
        "Cannot copy " + location(),
        "connection reset");
    RemoteFiles.reset();
    assertThat(cache.open(location(), null, HADOOP).directory())
        .isEqualTo(directory.resolve(hash(source)));
  }

  @Test
  void open_modelLargerThanTheDisk_isRejectedBeforeAnythingIsCopied() {
    RemoteFiles.listing = file -> withLength(file, 1L << 60);
    assertRejected(
        () -> cache.open(location(), null, HADOOP).directory(), location(), "expected room for");
    assertThat(RemoteFiles.OPENED).hasValue(0);
  }

  @Test
  void open_truncatedFile_isRejected() {
    RemoteFiles.listing = file -> withLength(file, file.getLen() + 1);
    assertRejected(
        () -> cache.open(location(), null, HADOOP).directory(),
        location(),
        "does not have the length");
  }

  @Test
  void open_modelChangedDuringTheCopy_isRejected() {
    RemoteFiles.opening =
        name ->
            Files.setLastModifiedTime(source.resolve("config.json"), FileTime.fromMillis(12345));
    assertRejected(
        () -> cache.open(location(), null, HADOOP).directory(), location() + " changed while");
  }

  private static FileStatus withLength(FileStatus file, long length) {
    return new FileStatus(
        length, file.isDirectory(), 1, 1, file.getModificationTime(), file.getPath());
  }

  /** Asserts that the message is one sentence and that only the lock file is left. */
  private void assertRejected(ThrowingCallable action, String... parts) {
    assertThatThrownBy(action)
        .isInstanceOf(BadInputException.class)
        .hasMessageContainingAll(parts)
        .satisfies(e -> assertThat(e.getMessage().lines()).hasSize(1));
    assertThat(models()).isEmpty();
    assertThat(parts()).isEmpty();
  }
}
