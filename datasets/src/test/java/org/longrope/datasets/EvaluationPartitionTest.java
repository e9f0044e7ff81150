package org.longrope.datasets;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatCode;
import static org.assertj.core.api.Assertions.assertThatExceptionOfType;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Arrays;
import java.util.List;
import java.util.Random;
import org.apache.hadoop.conf.Configuration;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.longrope.eval.BadInputException;

class EvaluationPartitionTest {
  private static final int DOCUMENTS = 40;

  @TempDir private Path folder;
  private Path partition;

  @BeforeEach
  void prepare() throws IOException {
    StringBuilder lines = new StringBuilder();
    for (int i = 0; i < DOCUMENTS; i++) {
      lines
          .append("{\"id\":\"d")
          .append(i)
          .append("\",\"text\":\"")
          .append(text(i))
          .append("\"}\n");
    }
    Path input = Files.writeString(folder.resolve("in.jsonl"), lines);
    partition = folder.resolve("partition");
    PrepareRequest request =
        new PrepareRequest(
            List.of(input.toString()),
            SourceFormat.JSONL,
            TestTokenizer.write(folder.resolve("tokenizer"), true).toString(),
            partition.toString(),
            null,
            0,
            null,
            0);
    Preparation.run(TestSpark.context(), request, (d, t, done, shares) -> {}, 30_000);
  }

  private static String text(int i) {
    StringBuilder text = new StringBuilder();
    Random random = new Random(i);
    for (int n = 0; n < 200 + 97 * i; n++) {
      text.append((char) ('a' + random.nextInt(26)));
    }
    return text.toString();
  }

  @Test
  void tokens_ofSeveralParts_areEachDocumentsOwn() {
    EvaluationPartition opened = open();
    assertThat(opened.manifest().files())
        .containsExactly("part-00000.parquet", "part-00001.parquet", "part-00002.parquet");
    assertThat(opened.documents()).hasSize(DOCUMENTS);
    for (int i : new int[] {39, 0, 17, 25, 17}) {
      assertThat(opened.documents().get(i).id()).isEqualTo("d" + i);
      assertThat(opened.tokens("d" + i)).isEqualTo(TestTokenizer.ids(text(i)));
      assertThat(opened.sequence("d" + i)).hasSize(201 + 97 * i).startsWith(TestTokenizer.BOS);
    }
    assertBad(() -> opened.tokens("d40"), "There is no document d40 in ", "one of its 40 ids");
  }

  @Test
  void requireTokenizer_another_isRejected() {
    EvaluationPartition opened = open();
    String own = String.valueOf(opened.manifest().tokenizerHash());
    assertThatCode(() -> opened.requireTokenizer(own, "model")).doesNotThrowAnyException();
    assertBad(
        () -> opened.requireTokenizer("0".repeat(64), "/models/other"),
        "was made with another tokenizer",
        "/models/other (000000000000…)");
  }

  @Test
  void open_noManifest_saysHowToMakeOne() throws IOException {
    Files.delete(manifest());
    assertBad(this::open, "manifest.json: expected an evaluation partition", "longrope prepare");
  }

  @Test
  void open_manifestOfAnotherVersionOrDamaged_areThreeErrors() throws IOException {
    String json = Files.readString(manifest());
    overwrite(json.replace("\"format_version\": 1", "\"format_version\": 3"));
    assertBad(this::open, "has format version 3, newer than this program knows (2)");
    overwrite(json.replace("\"format_version\": 1", "\"format_version\": 2"));
    assertBad(this::open, "are not those of its manifest");
    overwrite(json.replace("\"format_version\": 1", "\"format_version\": 0"));
    assertBad(this::open, "has format version 0, too old for this program (1)");
    overwrite(json.substring(0, json.length() / 2));
    assertBad(this::open, "manifest.json is damaged");
    overwrite(json.replace("\"documents\"", "\"documentz\""));
    assertBad(this::open, "manifest.json is damaged", "'documents'");
    overwrite("[]");
    assertBad(this::open, "manifest.json is damaged");
    overwrite("{}");
    assertBad(this::open, "damaged or no manifest of an evaluation partition");
    overwrite(json.replace("\"documents\": 40", "\"documents\": 41"));
    assertBad(this::open, "are not those of its manifest");
  }

  @Test
  void open_manifestThatLeavesItsDirectory_isRejected() throws IOException {
    String json = Files.readString(manifest());
    for (String name :
        List.of(
            "../part-00001.parquet",
            "/etc/part-00001.parquet",
            "folder/part-00001.parquet",
            "./part-00001.parquet",
            "file:/part-00001.parquet",
            "hdfs://elsewhere/part-00001.parquet",
            "..\\\\part-00001.parquet",
            "%2e%2e/part-00001.parquet",
            "part-00001.parquet\\nx",
            "..",
            ".",
            "")) {
      overwrite(json.replace("\"part-00001.parquet\"", "\"" + name + "\""));
      assertBad(this::open, "manifest.json names the file", "expected the plain name of a file");
      assertThatThrownBy(this::open).satisfies(e -> assertThat(e.getMessage().lines()).hasSize(1));
    }
  }

  @Test
  void open_missingPart_namesIt() throws IOException {
    Files.delete(partition.resolve("part-00001.parquet"));
    assertBad(this::open, "There is no ", "part-00001.parquet, which the manifest names");
  }

  @Test
  void open_cutOffPart_isDamaged() throws IOException {
    Path part = withoutChecksum("part-00001.parquet");
    byte[] bytes = Files.readAllBytes(part);
    Files.write(part, Arrays.copyOf(bytes, bytes.length / 2));
    assertBad(this::open, "part-00001.parquet is damaged");
  }

  @Test
  void tokens_flippedBits_areNeverReturned() throws IOException {
    Path part = withoutChecksum("part-00002.parquet");
    byte[] bytes = Files.readAllBytes(part);
    for (int at = 40; at < bytes.length; at += 3001) {
      byte[] damaged = bytes.clone();
      damaged[at] ^= 0x10;
      Files.write(part, damaged);
      try {
        EvaluationPartition opened = open();
        for (DocumentDescriptor document : opened.documents()) {
          int i = Integer.parseInt(document.id().substring(1));
          assertThat(opened.tokens(document.id())).isEqualTo(TestTokenizer.ids(text(i)));
        }
      } catch (BadInputException e) {
        assertThat(e).hasMessageContaining("damaged");
      }
    }
  }

  @Test
  void tokens_oneOfManyInAFile_decodesNoOtherDocument() throws IOException {
    StringBuilder lines = new StringBuilder();
    Random random = new Random(1);
    for (int i = 0; i < 20; i++) {
      String ids = random.ints(20_000, 0, 1 << 30).boxed().toList().toString();
      lines.append("{\"input_ids\":").append(ids).append("}\n");
    }
    Path input = Files.writeString(folder.resolve("ids.jsonl"), lines);
    partition = folder.resolve("ids");
    PrepareRequest request =
        new PrepareRequest(
            List.of(input.toString()),
            SourceFormat.TOKENS,
            null,
            partition.toString(),
            null,
            0,
            null,
            0);
    Preparation.run(TestSpark.context(), request, (d, t, done, shares) -> {});
    Path part = withoutChecksum("part-00000.parquet");
    byte[] bytes = Files.readAllBytes(part);
    int third = (int) (bytes.length * 3.5 / 20);
    Arrays.fill(bytes, third - 500, third + 500, (byte) 0);
    Files.write(part, bytes);
    EvaluationPartition opened = open();
    assertThat(opened.tokens("ids:2")).hasSize(20_000);
    assertBad(() -> opened.tokens("ids:3"), "part-00000.parquet is damaged");
    assertThat(opened.tokens("ids:4")).hasSize(20_000);
  }

  @Test
  void manifest_printedAndRead_isEqual() throws IOException {
    String json = Files.readString(manifest());
    Manifest manifest = Manifest.parse(json, "here");
    assertThat(manifest.print()).isEqualTo(json);
    assertThat(json)
        .doesNotContain(folder.toString())
        .contains("\"split\": null", "\"bos_token_id\": 256", "\"source\": [\"in.jsonl\"]");
  }

  @Test
  void manifest_ofAnEarlierVersion_isRead() {
    Manifest manifest =
        Manifest.parse(
            """
            {
              "format_version" : 1,
              "format" : "jsonl",
              "source" : [
                "in.jsonl"
              ],
              "split" : null,
              "tokenizer_hash" : "ab",
              "bos_token_id" : 256,
              "documents" : 3,
              "tokens" : 4294967296,
              "min_tokens" : 0,
              "sample" : null,
              "seed" : 7,
              "input_hash" : "cd",
              "content_hash" : "ef",
              "files" : [
                "part-00000.parquet"
              ]
            }
            """,
            "here");
    assertThat(manifest)
        .isEqualTo(
            new Manifest(
                1,
                "jsonl",
                List.of("in.jsonl"),
                null,
                "ab",
                256,
                3,
                1L << 32,
                0,
                null,
                7,
                "cd",
                "ef",
                List.of("part-00000.parquet")));
  }

  private EvaluationPartition open() {
    return EvaluationPartition.open(
        new org.apache.hadoop.fs.Path(partition.toString()), new Configuration());
  }

  private Path manifest() {
    return partition.resolve(Manifest.FILE);
  }

  private void overwrite(String json) throws IOException {
    Files.deleteIfExists(partition.resolve("." + Manifest.FILE + ".crc"));
    Files.writeString(manifest(), json);
  }

  /** Removes Hadoop's own checksum, as a copy by other programs does. */
  private Path withoutChecksum(String name) throws IOException {
    Files.delete(partition.resolve("." + name + ".crc"));
    return partition.resolve(name);
  }

  private static void assertBad(Runnable action, String... parts) {
    assertThatExceptionOfType(BadInputException.class)
        .isThrownBy(action::run)
        .withMessageContainingAll(parts);
  }
}
