package org.longrope.driver.cli;

import static org.assertj.core.api.Assertions.assertThat;

import com.fasterxml.jackson.databind.JsonNode;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.longrope.driver.Captured;
import org.longrope.driver.run.Runs;
import org.longrope.eval.tokenizer.BytePairTraining;

/** From texts to a model of one's own and its perplexity, by the command line alone. */
@Tag("numeric")
class TextModelTest {
  @TempDir static Path directory;
  private static Path text;
  private static Path tokenizer;
  private static Path data;
  private static Path model;

  @BeforeAll
  static void trainAModel() throws IOException {
    text = Files.writeString(directory.resolve("text.txt"), "one fish, two fish ".repeat(60));
    tokenizer = directory.resolve("tokenizer");
    succeed(
        "tokenizer",
        "--input",
        text,
        "--format",
        "text",
        "--vocab-size",
        264,
        "--output",
        tokenizer);
    data = directory.resolve("data");
    prepare();
    model = directory.resolve("model");
    succeed(train(model));
  }

  private static Captured prepare() {
    return succeed(
        "prepare",
        "--input",
        text,
        "--format",
        "text",
        "--tokenizer",
        tokenizer,
        "--output",
        data,
        "--master",
        "local[1]");
  }

  private static Object[] train(Path output, Object... more) {
    Object[] words = {
      "train",
      "--data",
      data,
      "--output",
      output,
      "--tokenizer",
      tokenizer,
      "--hidden-size",
      32,
      "--intermediate-size",
      48,
      "--layers",
      2,
      "--heads",
      4,
      "--window",
      32,
      "--batch-size",
      2,
      "--steps",
      6,
      "--warmup-steps",
      1,
      "--threads",
      1
    };
    Object[] all = java.util.Arrays.copyOf(words, words.length + more.length);
    System.arraycopy(more, 0, all, words.length, more.length);
    return all;
  }

  private static Captured succeed(Object... words) {
    Captured run = Captured.run(words);
    assertThat(run.exitCode()).as(run.err()).isZero();
    return run;
  }

  private static String refused(Object... words) {
    Captured run = Captured.run(words);
    assertThat(run.errors()).as(run.err()).hasSize(1);
    assertThat(run.exitCode()).as(run.err()).isEqualTo(Main.EXIT_BAD_INPUT);
    return run.err();
  }

  @Test
  void perplexity_ofTextAndOfItsPartition_isTheSame() {
    Path ofText = directory.resolve("text.json");
    succeed("perplexity", "--model", model, "--text", text, "--length", 32, "--json", ofText);
    Path ofData = directory.resolve("data.json");
    succeed("perplexity", "--model", model, "--data", data, "--length", 32, "--json", ofData);
    JsonNode result = Runs.json(ofText).at("/results/0");
    assertThat(result.path("tokens").asInt()).isEqualTo(31);
    assertThat(result.path("nll")).isEqualTo(Runs.json(ofData).at("/results/0/nll"));
  }

  /** Keys are hidden in the documents, and the gradient is that of their tokens alone. */
  @Test
  void search_ofNeedlesByGradient_takesItsStepsByTheKeysTokens() {
    Path run = directory.resolve("needles");
    succeed(
        "search",
        "--model",
        model,
        "--data",
        data,
        "--target-length",
        300,
        "--documents",
        1,
        "--held-out-documents",
        0,
        "--objective",
        "needle",
        "--steps",
        2,
        "--output",
        run);
    assertThat(Runs.evaluations(run))
        .filteredOn(line -> line.contains("by_log_factors"))
        .hasSize(2)
        .allMatch(line -> line.contains("\"key\":"));
    assertThat(Runs.text(run.resolve("summary.txt"))).contains("key ppl at 300");
  }

  @Test
  void prepare_ofAnExistingPartition_doesNothing() {
    Captured again = prepare();
    assertThat(again.out()).startsWith("Nothing to do");
  }

  @Test
  void partitionOfAnotherTokenizer_isRefused() throws IOException {
    BytePairTraining training = new BytePairTraining();
    training.add("quite another text, quite another tokenizer");
    Path other = Files.createDirectories(directory.resolve("other"));
    for (String file : new String[] {"config.json", "model.safetensors"}) {
      Files.copy(model.resolve(file), other.resolve(file));
    }
    Files.writeString(other.resolve("tokenizer.json"), training.tokenizerJson(264));
    Path output = directory.resolve("refused");
    assertThat(
            refused(
                "search",
                "--model",
                other,
                "--data",
                data,
                "--target-length",
                64,
                "--output",
                output,
                "--documents",
                1,
                "--master",
                "local[1]"))
        .contains("another tokenizer");
    assertThat(output).doesNotExist();
    assertThat(refused("perplexity", "--model", other, "--data", data, "--length", 32))
        .contains("another tokenizer");
    assertThat(
            refused(
                "train",
                "--model",
                other,
                "--data",
                data,
                "--steps",
                2,
                "--output",
                output,
                "--warmup-steps",
                0))
        .contains("another tokenizer");
    assertThat(output).doesNotExist();
  }

  @Test
  void train_withWrongOptions_isRefusedAndLeavesNothing() {
    Path output = directory.resolve("refused");
    assertThat(refused(train(output, "--dtype", "int8"))).contains("int8");
    assertThat(refused(train(output, "--checkpoint-every", 0))).contains("--checkpoint-every");
    assertThat(refused(train(output, "--key-value-heads", 3))).contains("key-value heads");
    assertThat(output).doesNotExist();
    assertThat(refused(train(model))).contains("already holds a model");
    assertThat(refused(train(text.resolve("below")))).contains("below");
  }
}
