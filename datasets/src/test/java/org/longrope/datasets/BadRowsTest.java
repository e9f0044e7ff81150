package org.longrope.datasets;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.util.Arrays;
import java.util.List;
import java.util.Random;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.longrope.eval.BadInputException;

/** Tests of fields of any name, rows without content, and bad rows. */
class BadRowsTest {
  @TempDir private Path folder;
  private TestPreparation preparation;

  @BeforeEach
  void begin() {
    preparation = new TestPreparation(folder);
  }

  @Test
  void textField_ofAnotherName_isRead() throws IOException {
    preparation.write("a.jsonl", "{\"content\":\"one\",\"text\":7}\n");
    TestParquet.texts(folder.resolve("b.parquet"), "content", "two", null);
    preparation.reading("content", "input_ids", false);
    assertThat(preparation.prepare("jsonl", "a.jsonl").tokens("a:0"))
        .isEqualTo(TestTokenizer.ids("one"));
    assertThat(preparation.prepare("parquet", "b.parquet").tokens("b:0"))
        .isEqualTo(TestTokenizer.ids("two"));
  }

  @Test
  void textField_thatIsTheTitleColumn_isRead() {
    TestParquet.texts(folder.resolve("t.parquet"), "title", "one", "two");
    preparation.reading("title", "input_ids", false);
    assertThat(preparation.ids("parquet", "t.parquet")).containsExactly("t:0", "t:1");
  }

  @Test
  void idsField_ofAnotherName_isRead() throws IOException {
    preparation.write("a.jsonl", "{\"tokens\":[1,2,3]}\n");
    TestParquet.tokens(folder.resolve("b.parquet"), "huggingface", List.of(new int[] {4, 5}));
    preparation.reading("text", "tokens", false);
    assertThat(preparation.prepare("tokens", "a.jsonl").tokens("a:0")).containsExactly(1, 2, 3);
    assertThat(preparation.rejection("tokens", "b.parquet"))
        .contains("no column \"tokens\"", "its columns are attention, input_ids", "--ids-field");
  }

  @Test
  void textField_thatIsNotThere_isRejectedWithThoseThatAre() throws IOException {
    preparation.write("a.jsonl", "{\"raw_content\":\"one\",\"url\":\"u\"}\n");
    TestParquet.texts(folder.resolve("b.parquet"), "article", "two");
    assertThat(preparation.rejection("jsonl", "a.jsonl"))
        .contains("Line 1 of ", "no field \"text\", its fields are raw_content, url")
        .contains("--text-field");
    assertThat(preparation.rejection("parquet", "b.parquet"))
        .contains("no string column \"text\"", "its columns are id, article", "--text-field");
    assertThat(preparation.rejection("tokens", "a.jsonl"))
        .contains("no field \"input_ids\", its fields are raw_content, url", "--ids-field");
  }

  @Test
  void nullAndEmptyContent_jsonAndParquet_isLeftOutAndCounted() throws IOException {
    preparation.write(
        "a.jsonl", "{\"text\":\"one\"}\n{\"text\":null}\n{\"text\":\"\"}\n{\"text\":\"two\"}\n");
    TestParquet.texts(folder.resolve("a.parquet"), "text", "one", null, "", "two");
    for (String format : List.of("jsonl", "parquet")) {
      PrepareResult result = preparation.run(format, "a." + format);
      assertThat(result.documentsRead()).as(format).isEqualTo(2);
      assertThat(result.documentsEmpty()).as(format).isEqualTo(2);
      assertThat(preparation.notes()).as(format).contains("Left out 2 empty documents.");
      assertThat(preparation.open().documents())
          .extracting(DocumentDescriptor::id)
          .containsExactly("a:0", "a:3");
    }
    preparation.write("t.jsonl", "{\"input_ids\":[1]}\n{\"input_ids\":null}\n{\"input_ids\":[]}\n");
    assertThat(preparation.run("tokens", "t.jsonl").documentsEmpty()).isEqualTo(2);
  }

  @Test
  void wrongType_isRejectedWithItsPlace() throws IOException {
    preparation.write("a.jsonl", "{\"text\":\"one\"}\n{\"text\":[\"two\"]}\n");
    assertThat(preparation.rejection("jsonl", "a.jsonl"))
        .startsWith("Line 2 of ")
        .contains("a.jsonl has an array in field \"text\"; expected a string");
    preparation.write("b.jsonl", "{\"input_ids\":\"1 2\"}\n");
    assertThat(preparation.rejection("tokens", "b.jsonl"))
        .contains("Line 1 of ", "has a string in field \"input_ids\"; expected an array");
    preparation.write("c.jsonl", "{\"input_ids\":[1,null]}\n");
    assertThat(preparation.rejection("tokens", "c.jsonl"))
        .contains("has null in \"input_ids\"; expected ids from 0 to 2147483647");
  }

  @Test
  void skipBad_wrongRows_areLeftOutAndCounted() throws IOException {
    preparation.reading("text", "input_ids", true);
    preparation.write(
        "a.jsonl",
        "{\"text\":\"one\"}\n{\"text\":7}\nnonsense\n{\"txt\":\"\"}\n{\"text\":\"two\"}");
    PrepareResult result = preparation.run("jsonl", "a.jsonl");
    assertThat(result.rowsSkipped()).isEqualTo(3);
    assertThat(result.documentsRead()).isEqualTo(2);
    assertThat(preparation.notes())
        .anySatisfy(
            note ->
                assertThat(note)
                    .startsWith("Left out 3 bad rows (--skip-bad); the first: Line ")
                    .contains("a.jsonl"));
    assertThat(preparation.open().documents())
        .extracting(DocumentDescriptor::id)
        .containsExactly("a:0", "a:4");

    TestParquet.tokens(
        folder.resolve("b.parquet"),
        "huggingface",
        List.of(new int[] {4, 5}, new int[] {6, -4, 7}, new int[] {-1}, new int[] {8, 9}));
    assertThat(preparation.run("tokens", "b.parquet").rowsSkipped()).isEqualTo(2);
    assertThat(preparation.open().tokens("b:3")).containsExactly(8, 9);

    TestParquet.bytes(
        folder.resolve("c.parquet"), new byte[] {'a'}, new byte[] {(byte) 0xe4}, new byte[] {'b'});
    assertThat(preparation.run("parquet", "c.parquet").rowsSkipped()).isEqualTo(1);
    assertThat(preparation.open().tokens("c:2")).isEqualTo(TestTokenizer.ids("b"));

    preparation.write("d/good.txt", "good");
    preparation.write("d/latin.txt", new byte[] {'a', (byte) 0xe4});
    assertThat(preparation.run("text", "d").rowsSkipped()).isEqualTo(1);
  }

  @Test
  void skipBad_andStrict_areNotTheSamePreparation() throws IOException {
    preparation.write("a.jsonl", "{\"text\":\"one\"}\n");
    preparation.run("jsonl", "a.jsonl");
    assertThat(preparation.again("jsonl", "a.jsonl").alreadyThere()).isTrue();
    preparation.reading("text", "input_ids", true);
    assertThat(
            org.assertj.core.api.Assertions.catchThrowableOfType(
                BadInputException.class, () -> preparation.again("jsonl", "a.jsonl")))
        .hasMessageContaining("other input or other options");
  }

  @Test
  void nonNumbersOfPython_inOtherFields_areRead() throws IOException {
    preparation.write(
        "a.jsonl", "{\"text\":\"one\",\"score\":NaN,\"low\":-Infinity,\"high\":Infinity}\n");
    assertThat(preparation.ids("jsonl", "a.jsonl")).containsExactly("a:0");
    preparation.write("b.jsonl", "{\"text\":NaN}\n");
    assertThat(preparation.rejection("jsonl", "b.jsonl"))
        .contains("Line 1 of ", "has a number in field \"text\"; expected a string");
    preparation.write("c.jsonl", "{\"input_ids\":[1,NaN]}\n");
    assertThat(preparation.rejection("tokens", "c.jsonl")).contains("has NaN in \"input_ids\"");
  }

  @Test
  void indentedJson_isRejectedWithItsRemedy() throws IOException {
    preparation.write("a.jsonl", "{\n  \"text\": \"one\"\n}\n");
    assertThat(preparation.rejection("jsonl", "a.jsonl"))
        .containsPattern("Line [123] of .* is not JSON \\(")
        .contains("write indented JSON again without its line breaks");
    preparation.write("b.jsonl", "[{\"text\": \"one\"}]\n");
    assertThat(preparation.rejection("jsonl", "b.jsonl"))
        .contains("Line 1 of ", "is an array; expected one JSON object a line");
  }

  /** Checks that any damage gives one sentence in plain words. */
  @Test
  void damagedLine_isRejectedInOneSentence() throws IOException {
    byte[] good = "{\"text\":\"one\",\"n\":[1,{\"a\":1.5e3}]}".getBytes(StandardCharsets.UTF_8);
    Random random = new Random(7);
    for (int i = 0; i < 12; i++) {
      byte[] damaged = Arrays.copyOf(good, good.length - random.nextInt(5));
      damaged[random.nextInt(damaged.length)] = (byte) random.nextInt(256);
      preparation.write("damaged.jsonl", damaged);
      try {
        preparation.run("jsonl", "damaged.jsonl");
      } catch (BadInputException e) {
        assertThat(e.getMessage())
            .matches("(Line \\d+ of|Some documents of) .*\\.")
            .doesNotContain("Source", "com.fasterxml", "JsonReadFeature");
      }
    }
  }

  @Test
  void ids_beyondTheVocabularyOfTheTokenizer_areRejectedAtOnce() throws IOException {
    preparation.write(
        "a.jsonl", "{\"id\":\"x\",\"input_ids\":[1,256]}\n{\"id\":\"y\",\"input_ids\":[1,257]}\n");
    assertThat(preparation.rejection("tokens", "a.jsonl"))
        .contains(
            "Document y, row 1 of ", "has id 257: expected 0 to 256", "tokenizer in " + folder);
    preparation.withTokenizer(null);
    assertThat(preparation.ids("tokens", "a.jsonl")).containsExactly("x", "y");
  }
}
