package org.longrope.datasets;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.catchThrowableOfType;

import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import org.apache.hadoop.conf.Configuration;
import org.longrope.eval.BadInputException;
import org.longrope.eval.tokenizer.BosChoice;

/** Preparations of files of a folder, each into a partition of its own. */
final class TestPreparation {
  private final Path folder;
  private final List<String> notes = new ArrayList<>();
  private String tokenizer;
  private String split;
  private ReadSettings reading = ReadSettings.DEFAULT;
  private BosChoice bos = BosChoice.AUTO;
  private int partitions;

  TestPreparation(Path folder) {
    this.folder = folder;
    tokenizer = TestTokenizer.write(folder.resolve("tokenizer"), true).toString();
  }

  TestPreparation withTokenizer(Path directory) {
    tokenizer = directory == null ? null : directory.toString();
    return this;
  }

  TestPreparation withSplit(String name) {
    split = name;
    return this;
  }

  TestPreparation reading(String textField, String idsField, boolean skipBad) {
    reading = new ReadSettings(textField, idsField, skipBad);
    return this;
  }

  TestPreparation withBos(BosChoice choice) {
    bos = choice;
    return this;
  }

  Path write(String name, String text) throws IOException {
    return write(name, text.getBytes(StandardCharsets.UTF_8));
  }

  Path write(String name, byte[] bytes) throws IOException {
    Path file = folder.resolve(name);
    Files.createDirectories(file.getParent());
    return Files.write(file, bytes);
  }

  /** Returns the notes of the last preparation. */
  List<String> notes() {
    return notes;
  }

  PrepareResult run(String format, String... inputs) {
    partitions++;
    return run(partition(), format, inputs);
  }

  PrepareResult again(String format, String... inputs) {
    return run(partition(), format, inputs);
  }

  private PrepareResult run(Path output, String format, String... inputs) {
    notes.clear();
    PrepareRequest request =
        new PrepareRequest(
            List.of(inputs).stream().map(this::location).toList(),
            SourceFormat.parse(format),
            tokenizer,
            output.toString(),
            split,
            0,
            null,
            42,
            reading,
            bos);
    return Preparation.run(
        TestSpark.context(),
        request,
        new ProgressListener() {
          @Override
          public void tokenised(long documents, long tokens, int done, int shares) {}

          @Override
          public void note(String sentence) {
            notes.add(sentence);
          }
        });
  }

  private String location(String input) {
    return input.contains("://") ? input : folder.resolve(input).toString();
  }

  /** Returns the directory of the last preparation. */
  Path partition() {
    return folder.resolve("partition-" + partitions);
  }

  EvaluationPartition open() {
    return EvaluationPartition.open(
        new org.apache.hadoop.fs.Path(partition().toString()), new Configuration());
  }

  EvaluationPartition prepare(String format, String... inputs) {
    run(format, inputs);
    return open();
  }

  /** Returns the ids of the documents that a preparation stores. */
  List<String> ids(String format, String... inputs) {
    return prepare(format, inputs).documents().stream().map(DocumentDescriptor::id).toList();
  }

  /**
   * Returns the sentence with which a preparation is rejected, and checks that nothing is left of
   * it.
   */
  String rejection(String format, String... inputs) {
    BadInputException rejected =
        catchThrowableOfType(BadInputException.class, () -> run(format, inputs));
    assertThat(rejected).as("rejection of %s", List.of(inputs)).isNotNull();
    assertThat(rejected.getMessage().lines()).hasSize(1);
    assertThat(rejected.getMessage()).endsWith(".").doesNotContain("Source:", "REDACTED");
    assertThat(partition()).doesNotExist();
    return rejected.getMessage();
  }
}
