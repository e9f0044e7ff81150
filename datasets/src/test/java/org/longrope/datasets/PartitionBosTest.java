package org.longrope.datasets;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.longrope.eval.BadInputException;
import org.longrope.eval.tokenizer.BosChoice;
import org.longrope.eval.tokenizer.DocumentTokenizer;

/** Tests of BOS in partitions: choice, notes, manifest and hash. */
class PartitionBosTest {
  @TempDir private Path folder;
  private TestPreparation preparation;
  private Path gpt2;

  @BeforeEach
  void begin() throws IOException {
    preparation = new TestPreparation(folder);
    gpt2 = TestTokenizer.write(folder.resolve("gpt2"), true);
    String json = Files.readString(gpt2.resolve("tokenizer.json"));
    int begin = json.indexOf("\"post_processor\":");
    int end = json.indexOf(",\"decoder\"");
    Files.writeString(
        gpt2.resolve("tokenizer.json"),
        json.substring(0, begin) + "\"post_processor\":null" + json.substring(end));
    Files.writeString(gpt2.resolve("tokenizer_config.json"), "{\"bos_token\":\"<s>\"}");
    preparation.write("a.txt", "hi");
  }

  private Manifest manifest(Path tokenizer, BosChoice bos) {
    return preparation.withTokenizer(tokenizer).withBos(bos).prepare("text", "a.txt").manifest();
  }

  @Test
  void tokenizerThatOnlyNamesBos_autoAndNo_putNone() {
    for (BosChoice choice : new BosChoice[] {BosChoice.AUTO, BosChoice.NO}) {
      assertThat(manifest(gpt2, choice).bosTokenId()).isNull();
      assertThat(preparation.open().sequence("a")).containsExactly('h', 'i');
      assertThat(preparation.notes())
          .anySatisfy(note -> assertThat(note).startsWith("Sequences begin without BOS, as "));
    }
  }

  @Test
  void tokenizerThatOnlyNamesBos_yes_putsIt() {
    assertThat(manifest(gpt2, BosChoice.YES).bosTokenId()).isEqualTo(TestTokenizer.BOS);
    assertThat(preparation.open().sequence("a")).containsExactly(TestTokenizer.BOS, 'h', 'i');
    assertThat(preparation.notes()).contains("Sequences begin with BOS, id 256, as --bos says.");
  }

  @Test
  void tokenizerThatPutsBos_no_putsNone() {
    Path own = folder.resolve("tokenizer");
    assertThat(manifest(own, BosChoice.AUTO).bosTokenId()).isEqualTo(TestTokenizer.BOS);
    assertThat(manifest(own, BosChoice.NO).bosTokenId()).isNull();
    assertThat(preparation.open().sequence("a")).containsExactly('h', 'i');
  }

  /** Checks that other sequences have another content hash, by which results are looked up. */
  @Test
  void contentHash_withAndWithoutBos_differs() {
    for (Path tokenizer : new Path[] {gpt2, folder.resolve("tokenizer")}) {
      Manifest with = manifest(tokenizer, BosChoice.YES);
      Manifest without = manifest(tokenizer, BosChoice.NO);
      assertThat(with.contentHash()).isNotEqualTo(without.contentHash());
      assertThat(with.inputHash()).isNotEqualTo(without.inputHash());
      // As before there was a choice, so that runs over older partitions can resume.
      assertThat(with.formatVersion()).isEqualTo(1);
      assertThat(without.formatVersion()).isEqualTo(2);
    }
  }

  /** Pins both hashes as the first version of this program wrote them. */
  @Test
  void partitionOfTheFormerRule_isWrittenAsBefore() {
    Manifest manifest = manifest(folder.resolve("tokenizer"), BosChoice.AUTO);
    assertThat(manifest.contentHash())
        .isEqualTo("3050dd80d3afb7ab1b3b09bd92c7b721ac36541411466d9fd538e7a6a7b54148");
    assertThat(manifest.inputHash())
        .isEqualTo("b0aa0a7953a1e39a3bffdd6c9586555e519089bf310f8e4a704d2648aba5c139");
  }

  @Test
  void anotherChoiceAtTheSameOutput_isRejected() {
    manifest(gpt2, BosChoice.YES);
    assertThat(preparation.again("text", "a.txt").alreadyThere()).isTrue();
    preparation.withBos(BosChoice.NO);
    assertThatThrownBy(() -> preparation.again("text", "a.txt"))
        .isInstanceOf(BadInputException.class)
        .hasMessageContaining("other input or other options");
  }

  @Test
  void manifestWithAnotherBosThanItsHash_isDamaged() throws IOException {
    manifest(gpt2, BosChoice.NO);
    Path file = preparation.partition().resolve(Manifest.FILE);
    String json = Files.readString(file);
    Files.delete(preparation.partition().resolve("." + Manifest.FILE + ".crc"));
    Files.writeString(file, json.replace("\"bos_token_id\": null", "\"bos_token_id\": 256"));
    assertThatThrownBy(preparation::open)
        .isInstanceOf(BadInputException.class)
        .hasMessageContaining("are not those of its manifest");
  }

  /** Checks that a prompt among a document's tokens begins as the document itself. */
  @Test
  void bosTokenId_ofPrompts_isThePartitionsUnlessItsTokenizerIsUnknown() throws IOException {
    try (DocumentTokenizer model = DocumentTokenizer.open(folder.resolve("tokenizer"))) {
      manifest(folder.resolve("tokenizer"), BosChoice.NO);
      assertThat(preparation.open().bosTokenId(model)).isEmpty();
      manifest(folder.resolve("tokenizer"), BosChoice.YES);
      assertThat(preparation.open().bosTokenId(model)).hasValue(TestTokenizer.BOS);
      preparation.write("t.jsonl", "{\"input_ids\":[1,2]}");
      preparation.withTokenizer(null).withBos(BosChoice.AUTO);
      assertThat(preparation.prepare("tokens", "t.jsonl").bosTokenId(model))
          .hasValue(TestTokenizer.BOS);
    }
  }

  @Test
  void bosWithoutTokenizer_isRejected() throws IOException {
    preparation.write("t.jsonl", "{\"input_ids\":[1,2]}");
    preparation.withTokenizer(null);
    assertThat(preparation.ids("tokens", "t.jsonl")).containsExactly("t:0");
    preparation.withBos(BosChoice.YES);
    assertThat(preparation.rejection("tokens", "t.jsonl"))
        .startsWith("--bos is yes and there is no tokenizer to take it from");
  }
}
