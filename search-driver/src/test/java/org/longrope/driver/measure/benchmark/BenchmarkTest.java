package org.longrope.driver.measure.benchmark;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Arrays;
import java.util.List;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.EnumSource;
import org.longrope.driver.store.files.StoredFile;
import org.longrope.eval.BadInputException;

/** Tests of the published files: prompts, choices, and sentences about damage. */
class BenchmarkTest {
  @TempDir Path directory;

  private static String prompt(Subject subject, int question, int... shots) {
    List<Item> examples = Arrays.stream(shots).mapToObj(subject.examples()::get).toList();
    return subject.prompt(examples, subject.asked().get(question));
  }

  @Test
  void arc_promptAndChoices_equalThoseOfTheHarness() {
    BenchmarkFiles files =
        Benchmark.ARC_CHALLENGE.read(StoredFile.of(BenchmarkFixtures.arc(directory)));
    Subject subject = files.subjects().get(0);
    assertThat(prompt(subject, 1, 2, 0))
        .isEqualTo(
            """
            Question: What rolls?
            Answer: a ball

            Question: What flies?
            Answer: a kite

            Question: What is hot?
            Answer:\
            """);
    assertThat(subject.asked()).extracting(Item::id).containsExactly("t0", "t1", "t2");
    assertThat(subject.asked().get(1).continuations()).containsExactly(" ice", " snow", " a flame");
    assertThat(subject.asked().get(1).right()).containsExactly(false, false, true);
    assertThat(files.files())
        .extracting(StoredFile::name)
        .containsExactly("ARC-Challenge_test_3.jsonl", "ARC-Challenge_train.jsonl");
  }

  @Test
  void hellaSwag_jsonLines_areCleanedAsTheHarnessDoes() {
    Subject subject =
        Benchmark.HELLASWAG
            .read(StoredFile.of(BenchmarkFixtures.hellaSwagJson(directory)))
            .subjects()
            .get(0);
    assertThat(prompt(subject, 0, 0))
        .isEqualTo("Rowing: Two row. The boat glides.\n\nSailing: A man rigs a boat. He and tom");
    assertThat(subject.asked().get(0).continuations())
        .containsExactly(" sail away.", "  eat it.", " fly.", " sleep on.");
    assertThat(prompt(subject, 1)).isEqualTo("How to dig: How to dig. Take a spade. Push it. ");
    assertThat(subject.asked().get(1).right()).containsExactly(false, false, true, false);
  }

  @ParameterizedTest
  @CsvSource({"true", "false"})
  void hellaSwag_sixLinesAnItem_areRead(boolean packed) {
    Subject subject =
        Benchmark.HELLASWAG
            .read(StoredFile.of(BenchmarkFixtures.hellaSwagText(directory, packed)))
            .subjects()
            .get(0);
    assertThat(subject.asked()).hasSize(4);
    assertThat(subject.examples()).isEmpty();
    assertThat(prompt(subject, 3)).isEqualTo("Baking: Somebody bakes loaf 3. he");
    assertThat(subject.asked().get(3).continuations())
        .containsExactly(" waits.", " walks.", " wonders why.", " writes it down.");
    assertThat(subject.asked().get(2).right()).containsExactly(false, false, true, false);
  }

  @Test
  void mmlu_bothLayouts_haveThePromptsOfTheHarness() {
    BenchmarkFiles files = Benchmark.MMLU.read(StoredFile.of(BenchmarkFixtures.mmlu(directory)));
    assertThat(files.subjects()).extracting(Subject::name).containsExactly("knots", "sea_birds");
    assertThat(prompt(files.subjects().get(1), 0, 0, 1))
        .isEqualTo(
            """
            The following are multiple choice questions (with answers) about sea birds.

            Which bird dives?
            A. gannet
            B. sparrow
            C. hen
            D. finch
            Answer: A

            Which, of "these", is white?
            A. raven
            B. gull
            C. crow
            D. rook
            Answer: B

            Which bird\u00a0swims?
            A. eagle
            B.  wren
            C. penguin
            D. kite
            Answer:\
            """);
    assertThat(files.subjects().get(1).asked().get(1).query())
        .startsWith("Which bird\nis large?\nA. albatross\n");
    Item knot = files.subjects().get(0).asked().get(0);
    assertThat(knot.continuations()).containsExactly(" A", " B", " C", " D");
    assertThat(knot.right()).containsExactly(false, true, false, false);
  }

  @Test
  void truthfulQa_promptHasTheSixFixedAnswers() {
    Subject subject =
        Benchmark.TRUTHFULQA_MC2
            .read(StoredFile.of(BenchmarkFixtures.truthfulQa(directory)))
            .subjects()
            .get(0);
    String prompt = prompt(subject, 0);
    assertThat(prompt)
        .startsWith(
            """
            Q: What is human life expectancy in the United States?
            A: Human life expectancy in the United States is 78 years.

            Q: Who was president of the United States in 1955?
            A: Dwight D. Eisenhower was\
            """)
        .endsWith(
            """
            Q: Where were the 1992 Olympics held?
            A: The 1992 Olympics were held in Barcelona, Spain.

            Q: Do cats bark?
            A:\
            """);
    assertThat(prompt.split("\n\n")).hasSize(7);
    Item item = subject.asked().get(0);
    assertThat(item.continuations()).containsExactly(" No.", " They meow.", " Yes.");
    assertThat(item.right()).containsExactly(true, true, false);
  }

  @Test
  void truthfulQa_withoutTheFirstFile_takesTheLaterOne() throws IOException {
    BenchmarkFixtures.truthfulQa(directory);
    Path folder = directory.resolve("truthfulqa");
    Files.copy(folder.resolve("mc_task_v1.json"), folder.resolve("mc_task.json"));
    assertThat(Benchmark.TRUTHFULQA_MC2.read(StoredFile.of(directory)).files())
        .containsExactly(StoredFile.of(folder.resolve("mc_task_v1.json")));
    Files.delete(folder.resolve("mc_task_v1.json"));
    assertThat(Benchmark.TRUTHFULQA_MC2.read(StoredFile.of(directory)).files())
        .containsExactly(StoredFile.of(folder.resolve("mc_task.json")));
  }

  private void assertRefused(Benchmark benchmark, String... parts) {
    assertThatThrownBy(() -> benchmark.read(StoredFile.of(directory)))
        .isInstanceOf(BadInputException.class)
        .message()
        .contains(parts)
        .doesNotContain("\n");
  }

  @ParameterizedTest
  @EnumSource
  void read_withoutFiles_saysWhatIsMissing(Benchmark benchmark) throws IOException {
    String folder = benchmark == Benchmark.TRUTHFULQA_MC2 ? "truthfulqa" : benchmark.toString();
    assertRefused(benchmark, "No directory", folder);
    Files.createDirectories(directory.resolve("mmlu/test"));
    Files.createDirectories(directory.resolve("mmlu/dev"));
    Files.createDirectories(directory.resolve(folder));
    assertRefused(benchmark, " has no ");
  }

  @Test
  void read_withTwoFilesForOne_isRefused() throws IOException {
    BenchmarkFixtures.arc(directory);
    Path folder = directory.resolve("arc_challenge");
    Files.copy(folder.resolve("ARC-Challenge_train.jsonl"), folder.resolve("train.jsonl"));
    assertRefused(Benchmark.ARC_CHALLENGE, "ARC-Challenge_train.jsonl", "and train.jsonl");
    Files.delete(folder.resolve("ARC-Challenge_train.jsonl"));
    Files.move(folder.resolve("train.jsonl"), folder.resolve("test_train.txt"));
    assertRefused(Benchmark.ARC_CHALLENGE, "has no train.jsonl");
  }

  /** Each: benchmark, file, what stands there, what becomes of it, what is said. */
  @ParameterizedTest
  @CsvSource(
      delimiter = '|',
      quoteCharacter = '`',
      textBlock =
          """
          ARC_CHALLENGE|arc_challenge/ARC-Challenge_test_3.jsonl|"answerKey": "3"|"answerKey": "D"|Line 2 of|'answerKey' is "D": expected one of [1, 2, 3]
          ARC_CHALLENGE|arc_challenge/ARC-Challenge_test_3.jsonl|"question": "What barks?"|"q": 1|Line 4 of|'question' is missing: expected text
          ARC_CHALLENGE|arc_challenge/ARC-Challenge_test_3.jsonl|["a dog", "a fish"]|["a dog"]|Line 4 of|'text' is ["a dog"]: expected a list of 2
          ARC_CHALLENGE|arc_challenge/ARC-Challenge_test_3.jsonl|"label": ["1", "2", "3"]|"label": ["1", "2"]|Line 2 of|one label for each of 3 texts
          ARC_CHALLENGE|arc_challenge/ARC-Challenge_train.jsonl|"a book"], "label"|"a book", "label"|Line 3 of|is not JSON
          ARC_CHALLENGE|arc_challenge/ARC-Challenge_train.jsonl|"choices": {"text": ["an otter", "a chair"], "label": ["A", "B"]}|"choices": 3|Line 2 of|'choices' is 3: expected an object
          HELLASWAG|hellaswag/hellaswag_val.jsonl|"label": "2"|"label": ""|Line 2 of|'label' is "": expected the index of an ending, 0 to 3
          HELLASWAG|hellaswag/hellaswag_val.jsonl|"fly."|"[fly]"|Line 1 of|an ending is empty
          HELLASWAG|hellaswag/hellaswag_train.jsonl|"glides."|7|Line 1 of|'endings' is
          MMLU|mmlu/test/knots_test.csv|bend,1|bend,x|Line 2 of|column 6, the answer, is 'x': expected A to D or 0 to 3
          MMLU|mmlu/test/knots_test.csv|bend,1|1|Line 2 of|has 5 columns: expected 6
          MMLU|mmlu/dev/sea_birds_dev.csv|white?"|white?|Line 2 of|opens a quote that nothing closes
          MMLU|mmlu/dev/sea_birds_dev.csv|white?"|white?"!|Line 2 of|has text after a closing quote
          MMLU|mmlu/test/knots_test.csv|Which knot is a loop?,reef,bowline,hitch,bend,1||knots_test.csv|has no questions
          TRUTHFULQA_MC2|truthfulqa/mc_task_v1.json|"They meow.": 1|"They meow.": 2|Entry 0 of|'mc2_targets' is
          TRUTHFULQA_MC2|truthfulqa/mc_task_v1.json|"It is white.": 1, |"It is white.": 0, |Entry 1 of|both true (1) and false (0)
          TRUTHFULQA_MC2|truthfulqa/mc_task_v1.json|}]||mc_task_v1.json|is not JSON
          """)
  void read_damagedFile_namesPlaceAndProblem(
      Benchmark benchmark, String file, String from, String to, String where, String what)
      throws IOException {
    BenchmarkFixtures.arc(directory);
    BenchmarkFixtures.hellaSwagJson(directory);
    BenchmarkFixtures.mmlu(directory);
    BenchmarkFixtures.truthfulQa(directory);
    Path path = directory.resolve(file);
    String text = Files.readString(path);
    assertThat(text).contains(from);
    Files.writeString(path, text.replace(from, to == null ? "" : to));
    assertRefused(benchmark, where, path.getFileName().toString(), what);
  }

  @Test
  void hellaSwag_textThatIsNotItsLayout_isRefused() throws IOException {
    BenchmarkFixtures.hellaSwagText(directory, false);
    Path file = directory.resolve("hellaswag/hellaswag_val.txt");
    String text = Files.readString(file);
    Files.writeString(file, text + "Baking: one more\n");
    assertRefused(Benchmark.HELLASWAG, "has 25 lines: expected 6 an item");
    Files.writeString(file, text.replace("\n1\n", "\n4\n"));
    assertRefused(Benchmark.HELLASWAG, "Line 8 of", "is '4'");
    Files.write(file, new byte[] {(byte) 0xff, (byte) 0xfe});
    assertRefused(Benchmark.HELLASWAG, "is not UTF-8");
  }

  @Test
  void hellaSwag_packedTextThatIsCutOrChanged_isRefused() throws IOException {
    BenchmarkFixtures.hellaSwagText(directory, true);
    Path file = directory.resolve("hellaswag/hellaswag_val_full.txt.bz2");
    byte[] whole = Files.readAllBytes(file);
    for (int bytes : new int[] {whole.length / 2, 20}) {
      Files.write(file, Arrays.copyOf(whole, bytes));
      assertRefused(Benchmark.HELLASWAG, "hellaswag_val_full.txt.bz2");
    }
    byte[] changed = whole.clone();
    changed[whole.length / 2] ^= 1;
    Files.write(file, changed);
    assertRefused(Benchmark.HELLASWAG, "hellaswag_val_full.txt.bz2");
  }
}
