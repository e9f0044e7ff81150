package org.longrope.driver.store.cache;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import com.fasterxml.jackson.databind.node.ObjectNode;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Arrays;
import java.util.List;
import java.util.stream.IntStream;
import java.util.stream.Stream;
import org.apache.hadoop.conf.Configuration;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;
import org.longrope.datasets.EvaluationPartition;
import org.longrope.driver.TinyWorld;
import org.longrope.driver.execution.DocumentHashes;
import org.longrope.driver.execution.EvaluationTask;
import org.longrope.driver.run.ObjectStore;
import org.longrope.driver.store.files.RecordLines;
import org.longrope.eval.BadInputException;
import org.longrope.eval.perplexity.Protocol;
import org.longrope.eval.rope.RescaleFactors;
import org.longrope.eval.rope.Rescaling;

/** Tests of the entries that a cache keeps and rejects. */
class EvaluationCacheTest {
  @TempDir Path directory;

  private static long known(EvaluationCache ledger, int tasks) {
    return IntStream.range(0, tasks)
        .filter(number -> TinyCache.knows(ledger, TinyCache.task(number), "f32"))
        .count();
  }

  @Test
  void answer_keepsAllDigits() {
    TinyCache.fill(directory, 0, 3);
    EvaluationCache ledger = TinyCache.open(directory);
    ledger.compare(ledger.entry(TinyCache.scored(TinyCache.task(0), "f32")));
    for (int number = 0; number < 3; number++) {
      CacheEntry entry = ledger.get(TinyCache.task(number), "f32");
      assertThat(entry).isEqualTo(ledger.entry(TinyCache.scored(TinyCache.task(number), "f32")));
    }
    assertThat(directory.resolve("0123456789abcdef")).isDirectory();
  }

  @Test
  void answer_toAnythingElse_isNotKnown() {
    TinyCache.fill(directory, 0, 1);
    EvaluationCache ledger = TinyCache.open(directory);
    EvaluationTask task = TinyCache.task(0);
    Rescaling r = task.rescaling();
    double[] lambda = r.factors().toArray();
    lambda[3] = Math.nextUp(lambda[3]);
    assertThat(TinyCache.knows(ledger, task, "f32")).isTrue();
    assertThat(TinyCache.knows(ledger, task, null)).isTrue();
    assertThat(TinyCache.knows(ledger, task, "bf16")).isFalse();
    for (Rescaling other :
        List.of(
            new Rescaling(RescaleFactors.of(lambda), r.startTokens(), r.attentionFactor()),
            new Rescaling(r.factors(), r.startTokens() + 1, r.attentionFactor()),
            new Rescaling(r.factors(), r.startTokens(), Math.nextUp(r.attentionFactor())))) {
      EvaluationTask changed = new EvaluationTask(other, task.documentId(), task.protocol());
      assertThat(TinyCache.knows(ledger, changed, null)).isFalse();
    }
    assertThat(TinyCache.knows(ledger, new EvaluationTask(r, "doc-1", task.protocol()), null))
        .isFalse();
  }

  static Stream<EvaluationEnvironment> otherInstruments() {
    EvaluationEnvironment own = TinyCache.INSTRUMENT;
    return Stream.of(
        new EvaluationEnvironment(
            "0123456789abcdef" + "0".repeat(48),
            own.attentionWindows(),
            own.programHash(),
            own.version(),
            own.libtorch()),
        new EvaluationEnvironment(own.modelHash(), List.of(0, 64), "program", "1.0", "2.7.1"),
        new EvaluationEnvironment(own.modelHash(), List.of(0, 0), "another", "1.0", "2.7.1"),
        new EvaluationEnvironment(own.modelHash(), List.of(0, 0), "program", "1.1", "2.7.1"),
        new EvaluationEnvironment(own.modelHash(), List.of(0, 0), "program", "1.0", "2.8.0"));
  }

  @ParameterizedTest
  @MethodSource("otherInstruments")
  void answer_measuredWithAnotherInstrument_isNotKnown(EvaluationEnvironment other) {
    TinyCache.fill(directory, 0, 1);
    EvaluationCache ledger =
        EvaluationCache.open(directory.toString(), other, TinyCache.contents(), TinyCache.HADOOP);
    assertThat(TinyCache.knows(ledger, TinyCache.task(0), null)).isFalse();
    ledger.append(ledger.entry(TinyCache.scored(TinyCache.task(1), "f32")));
    ledger.close();
    assertThat(known(TinyCache.open(directory), 2)).isEqualTo(1);
  }

  /** Another name, another order, and it goes on otherwise after what is read. */
  @Test
  void document_inAnotherPartition_isTheSameByWhatIsReadOfIt() {
    List<int[]> documents = TinyWorld.documents(2, TinyWorld.SHORTEST, 7);
    int[] longer = Arrays.copyOf(documents.get(0), TinyWorld.SHORTEST + 50);
    Path data = TinyWorld.partition(directory.resolve("data"), List.of(documents.get(1), longer));
    DocumentHashes here = TinyCache.contents(data);
    DocumentHashes there = TinyCache.contents();
    Protocol protocol = TinyCache.PROTOCOL;
    Rescaling r = TinyCache.task(0).rescaling();
    assertThat(new EvaluationTask(r, "doc-1", protocol).key(here))
        .isEqualTo(new EvaluationTask(r, "doc-0", protocol).key(there));
    assertThat(new EvaluationTask(r, "doc-0", protocol).key(here))
        .isEqualTo(new EvaluationTask(r, "doc-1", protocol).key(there))
        .isNotEqualTo(new EvaluationTask(r, "doc-0", protocol).key(there));
  }

  @Test
  void twoWriters_atATime_loseNothing() {
    EvaluationCache one = TinyCache.open(directory);
    EvaluationCache other = TinyCache.open(directory);
    for (int number = 0; number < 10; number++) {
      EvaluationCache writer = number % 2 == 0 ? one : other;
      writer.append(writer.entry(TinyCache.scored(TinyCache.task(number), "f32")));
      // Before either is closed: a killed process never does.
      assertThat(known(TinyCache.open(directory), 10)).isEqualTo(number + 1);
    }
    assertThat(TinyCache.files(directory)).hasSize(2);
  }

  /** Its process had evaluators of two kinds: one right answer says nothing of the others. */
  @Test
  void file_thatContradictsItself_isNotUsedAndNamed() {
    TinyCache.fill(directory, 0, 2);
    assertThat(TinyCache.open(directory).unusable()).isNull();
    EvaluationCache ledger = TinyCache.open(directory);
    CacheEntry entry = ledger.entry(TinyCache.scored(TinyCache.task(2), "f32"));
    ledger.append(entry);
    ledger.append(entry);
    ledger.append(ledger.entry(TinyCache.scored(TinyCache.task(3), "f32")));
    assertThat(known(TinyCache.open(directory), 4)).isEqualTo(4);
    ledger.append(
        new CacheEntry(
            entry.key(),
            "f32",
            ((ObjectNode) entry.result().deepCopy())
                .put("nll", Math.nextUp(entry.result().path("nll").asDouble())),
            0));
    ledger.close();
    EvaluationCache read = TinyCache.open(directory);
    assertThat(known(read, 4)).isEqualTo(2);
    assertThat(read.unusable())
        .startsWith(directory.toString())
        .endsWith(
            " has two results for one key: it comes from more than one kind of CPU or GPU; the"
                + " results of this file are computed again.");
  }

  /** Simulates a file that another driver has open on HDFS while a datanode restarts. */
  @Test
  void file_thatCannotBeReadYet_isLeftToItsWriterAndWarnedOf() {
    Configuration hadoop = LeasedFiles.hadoop();
    String location = LeasedFiles.location(directory);
    TinyCache.fill(directory, 0, 2);
    TinyCache.fill(directory, 2, 4);
    TinyCache.fill(directory, 4, 5);
    List<Path> files = TinyCache.files(directory);
    LeasedFiles.cannotRead(files.subList(1, 3));
    EvaluationCache ledger =
        EvaluationCache.open(location, TinyCache.INSTRUMENT, TinyCache.contents(), hadoop);
    assertThat(known(ledger, 5)).isBetween(1L, 2L);
    assertThat(LeasedFiles.leasesTaken()).isEmpty();
    assertThat(ledger.unusable())
        .isEqualTo(
            "Cannot read leased:%s: Cannot obtain block length; the results of this and 1 other"
                + " files are computed again.",
            files.get(1));
    LeasedFiles.cannotRead(List.of());
    EvaluationCache later =
        EvaluationCache.open(location, TinyCache.INSTRUMENT, TinyCache.contents(), hadoop);
    assertThat(known(later, 5)).isEqualTo(5);
    assertThat(later.unusable()).isNull();
  }

  /** Other seeds draw other documents. */
  @Test
  void files_thatAgreeOnADocumentOfOtherRuns_areOneKind() {
    TinyCache.fill(directory, 0, 2);
    EvaluationCache second = TinyCache.open(directory);
    second.append(second.entry(TinyCache.scored(TinyCache.task(0), "f32")));
    second.append(second.entry(TinyCache.scored(TinyCache.task(2), "f32")));
    second.close();
    DocumentHashes withoutTheFirst =
        DocumentHashes.of(
            EvaluationPartition.open(
                    new org.apache.hadoop.fs.Path(TinyWorld.shared().data().toString()),
                    TinyCache.HADOOP)
                ::sequence,
            null,
            List.of(TinyCache.task(1), TinyCache.task(2)));
    EvaluationCache third =
        EvaluationCache.open(
            directory.toString(), TinyCache.INSTRUMENT, withoutTheFirst, TinyCache.HADOOP);
    third.compare(third.entry(TinyCache.scored(TinyCache.task(1), "f32")));
    assertThat(third.get(TinyCache.task(2), "f32")).isNotNull();
  }

  @Test
  void lastLine_cutOffAnywhere_isIgnored() throws IOException {
    TinyCache.fill(directory, 0, 2);
    Path file = TinyCache.files(directory).get(0);
    byte[] whole = Files.readAllBytes(file);
    String text = new String(whole, StandardCharsets.UTF_8);
    int head = text.indexOf('\n') + 1;
    int second = text.indexOf('\n', head) + 1;
    for (int length = 0; length < whole.length; length += 7) {
      Files.write(file, Arrays.copyOf(whole, length));
      assertThat(known(TinyCache.open(directory), 2)).isEqualTo(length < second ? 0 : 1);
    }
  }

  @Test
  void line_withAFlippedBit_isRefusedByFileAndLine() throws IOException {
    TinyCache.fill(directory, 0, 2);
    Path file = TinyCache.files(directory).get(0);
    byte[] whole = Files.readAllBytes(file);
    int line = 1;
    for (int at = 0; at < whole.length; at++) {
      if (whole[at] == '\n') {
        line++;
      } else if (at % 13 == 0) {
        byte[] damaged = whole.clone();
        damaged[at] ^= 1;
        Files.write(file, damaged);
        assertThatThrownBy(() -> TinyCache.open(directory))
            .isInstanceOf(BadInputException.class)
            .hasMessage(
                "Line %d of %s is damaged: expected a record with its checksum; remove the file,"
                    + " and its results are computed again.",
                line, file);
      }
    }
  }

  @Test
  void file_ofALaterVersionOrOfNone_isRefused() throws IOException {
    TinyCache.fill(directory, 0, 1);
    Path file = TinyCache.files(directory).get(0);
    Files.write(file, RecordLines.line(TinyCache.INSTRUMENT.toJson().put("ledger_version", 3)));
    assertThatThrownBy(() -> TinyCache.open(directory))
        .isInstanceOf(BadInputException.class)
        .hasMessage(
            "%s has format version 3, newer than this program knows (2): use a newer longrope, or"
                + " another --evaluation-cache.",
            file);
    Files.write(file, RecordLines.line(TinyCache.INSTRUMENT.toJson()));
    assertThatThrownBy(() -> TinyCache.open(directory))
        .isInstanceOf(BadInputException.class)
        .hasMessageContaining("Line 1 of " + file + " is damaged");
  }

  @Test
  void ledger_thatIsAFileOrOfNoFileSystem_isRefused() throws IOException {
    Path file = Files.writeString(directory.resolve("file"), "");
    assertThatThrownBy(() -> TinyCache.open(file))
        .isInstanceOf(BadInputException.class)
        .hasMessage(
            "The evaluation cache %s is a file: expected a directory, or a place for one.", file);
    assertThatThrownBy(
            () ->
                EvaluationCache.open(
                    "nowhere://a/b", TinyCache.INSTRUMENT, TinyCache.contents(), TinyCache.HADOOP))
        .isInstanceOf(BadInputException.class)
        .hasMessageContaining("Cannot use nowhere://a/b as an evaluation cache");
  }

  @Test
  void otherFiles_inALedger_areLeftAlone() throws IOException {
    TinyCache.fill(directory, 0, 1);
    Path folder = TinyCache.files(directory).get(0).getParent();
    Files.writeString(folder.resolve("NOTES.txt"), "ours");
    Files.createDirectory(folder.resolve("old.jsonl"));
    assertThat(known(TinyCache.open(directory), 1)).isEqualTo(1);
  }

  /** Checks that quick evaluations share a file where files appear only when they are closed. */
  @Test
  void objectStore_hasFewFilesAndAllEntries() {
    Configuration hadoop = new Configuration();
    hadoop.set("fs.store.impl", ObjectStore.class.getName());
    String location = "store://" + directory.toAbsolutePath();
    EvaluationCache ledger =
        EvaluationCache.open(location, TinyCache.INSTRUMENT, TinyCache.contents(), hadoop);
    for (int number = 0; number < 20; number++) {
      ledger.append(ledger.entry(TinyCache.scored(TinyCache.task(number), "f32")));
    }
    ledger.close();
    assertThat(TinyCache.files(directory)).hasSize(2);
    EvaluationCache read =
        EvaluationCache.open(location, TinyCache.INSTRUMENT, TinyCache.contents(), hadoop);
    assertThat(known(read, 20)).isEqualTo(20);
    // One process is of one kind, however many files it has written.
    read.compare(read.entry(TinyCache.scored(TinyCache.task(19), "f32")));
    assertThat(known(read, 20)).isZero();
    assertThat(read.get(TinyCache.task(0), "f32")).isNotNull();
  }
}
