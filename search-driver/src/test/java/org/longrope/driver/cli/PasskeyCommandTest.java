package org.longrope.driver.cli;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.within;

import com.fasterxml.jackson.databind.JsonNode;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import javax.imageio.ImageIO;
import org.apache.commons.io.FileUtils;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.longrope.driver.Captured;
import org.longrope.driver.TinyWorld;
import org.longrope.driver.factors.FactorFile;
import org.longrope.driver.factors.FactorSet;
import org.longrope.driver.run.Runs;
import org.longrope.eval.rope.RescaleFactors;
import org.longrope.eval.rope.Rescaling;
import org.longrope.eval.rope.RopeGeometry;
import org.longrope.eval.tokenizer.BytePairTraining;

/** On a model of random weights that reads bytes: what it answers is wrong, and always the same. */
@Tag("numeric")
class PasskeyCommandTest {
  @TempDir static Path directory;
  private static Path model;

  @BeforeAll
  static void writeAModel() throws IOException {
    Path text = Files.writeString(directory.resolve("text.txt"), "one fish, two fish ".repeat(60));
    Path tokenizer = Files.createDirectories(directory.resolve("tokenizer"));
    Files.writeString(
        tokenizer.resolve("tokenizer.json"), new BytePairTraining().tokenizerJson(257));
    Path data = directory.resolve("data");
    model = directory.resolve("model");
    succeed(
        "prepare --format text --master local[1]",
        "--input",
        text,
        "--tokenizer",
        tokenizer,
        "--output",
        data);
    succeed(
        "train --hidden-size 32 --intermediate-size 48 --layers 2 --heads 4 --window 32"
            + " --batch-size 2 --steps 2 --warmup-steps 1 --threads 1",
        "--data",
        data,
        "--tokenizer",
        tokenizer,
        "--output",
        model);
  }

  private static Captured run(String words, Object... more) {
    List<Object> all = new ArrayList<>(Arrays.asList((Object[]) words.split(" ")));
    all.addAll(Arrays.asList(more));
    return Captured.run(all.toArray());
  }

  private static Captured succeed(String words, Object... more) {
    Captured run = run(words, more);
    assertThat(run.exitCode()).as(run.err()).isZero();
    return run;
  }

  private static JsonNode measured(String words, Object... more) {
    Path json = directory.resolve("out.json");
    succeed("passkey --model " + model + " --threads 1 --json " + json + " " + words, more);
    return Runs.json(json);
  }

  private static String refused(Path of, String words, Object... more) {
    Path json = directory.resolve("refused.json");
    Captured run = run("passkey --model " + of + " --json " + json + " " + words, more);
    assertThat(run.errors()).as(run.err()).singleElement().asString().startsWith("longrope: ");
    assertThat(run.err()).doesNotContain("Exception");
    assertThat(run.exitCode()).as(run.err()).isEqualTo(Main.EXIT_BAD_INPUT);
    assertThat(json).doesNotExist();
    return run.err();
  }

  @Test
  void attentionWindow_shorterThanAPrompt_isWarnedOf() {
    String words =
        "passkey --needle --length 300 --depths 1 --trials 1 --threads 1 --model " + model;

    assertThat(succeed(words + " --attention-window 40").err())
        .contains("The attention window of 2 of 2 layers is 40 tokens, shorter than the 300");
    assertThat(succeed(words).err()).doesNotContain("attention window");
  }

  @Test
  void passkey_ofATinyModel_saysWhatWasAskedAndAnswered() throws IOException {
    Path plot = directory.resolve("plot.png");
    Path json = directory.resolve("all.json");
    Captured run =
        succeed(
            "passkey --length 300,400,300 --depths 2 --trials 2 --method pi --threads 1",
            "--model",
            model,
            "--json",
            json,
            "--plot",
            plot);
    assertThat(run.out().lines()).hasSize(4);
    assertThat(run.out()).contains("Accuracy", "300", "400", "0.00");
    assertThat(run.errors().get(run.errors().size() - 1)).startsWith("8/8 trials in ");
    JsonNode result = Runs.json(json);
    assertThat(result.path("results")).hasSize(2);
    assertThat(result.at("/results/1/accuracy").asDouble()).isZero();
    assertThat(result.at("/results/1/rescale_factors/0").asDouble()).isEqualTo(400 / 32.0);
    assertThat(result.path("trials")).hasSize(8);
    for (JsonNode trial : result.path("trials")) {
      assertThat(trial.path("key").asInt()).isBetween(10_000, 99_999);
      assertThat(trial.path("answer").asText()).isNotEmpty();
      assertThat(trial.path("key_tokens").asInt()).isEqualTo(6);
      // Hardly trained: about as unsure of each of 257 bytes.
      assertThat(trial.path("key_nll").asDouble() / 6).isBetween(2.0, 12.0);
    }
    assertThat(result.path("provenance").fieldNames())
        .toIterable()
        .contains(
            "model_sha256",
            "tokenizer_sha256",
            "method",
            "attention_window",
            "dtype",
            "threads",
            "seed",
            "versions");
    assertThat(ImageIO.read(plot.toFile()).getWidth()).isEqualTo(1200);
  }

  @Test
  void passkey_ofTheSameSeed_isTheSame() {
    String words = "--length 320 --depths 3 --trials 1";
    JsonNode first = measured(words);
    assertThat(measured(words)).isEqualTo(first);
    assertThat(measured(words + " --seed 7").path("trials")).isNotEqualTo(first.path("trials"));
  }

  @Test
  void needle_alone_isTheLikelihoodOfTheWholeTest() {
    String words = "--length 320 --depths 3 --trials 2 --method ntk";
    JsonNode whole = measured(words);
    JsonNode needle = measured(words + " --needle");
    for (int t = 0; t < 6; t++) {
      JsonNode expected = whole.path("trials").get(t);
      JsonNode trial = needle.path("trials").get(t);
      assertThat(trial.path("key")).isEqualTo(expected.path("key"));
      assertThat(trial.path("key_nll").asDouble())
          .isCloseTo(expected.path("key_nll").asDouble(), within(1e-4));
      assertThat(trial.has("answer")).isFalse();
    }
  }

  @Test
  void factors_ofSeveralLengths_areChosenByTheLength() {
    Object[] files = {"--factors", factorsFor(300, 2), "--factors", factorsFor(400, 9)};
    JsonNode json = measured("--length 300,301,500 --depths 1 --trials 1 --needle", files);
    // At 301 the text with the key ends within the first file's 300 tokens.
    for (int i = 0; i < 3; i++) {
      assertThat(json.at("/results/" + i + "/rescale_factors/3").asDouble())
          .isEqualTo(i < 2 ? 2 : 9);
    }
    JsonNode alone =
        measured("--length 500 --depths 1 --trials 1 --needle", "--factors", factorsFor(400, 9));
    assertThat(json.at("/trials/2")).isEqualTo(alone.at("/trials/0"));
  }

  @Test
  void passkey_onSpark_answersAsHere() {
    Object[] files = {"--factors", factorsFor(300, 2), "--factors", factorsFor(400, 9)};
    for (String words :
        List.of("--length 300,304 --depths 2 --trials 2", "--lengths 400 --depths 3 --needle")) {
      JsonNode here = measured(words, files);
      JsonNode two = measured(words + " --master local[2]", files);
      assertThat(two).isEqualTo(here);
      assertThat(measured(words + " --master local[1]", files)).isEqualTo(here);
    }
  }

  @Test
  void output_holdsTheResultsAndAnswersAgainWithoutAsking() throws IOException {
    Path output = directory.resolve("kept");
    Path json = directory.resolve("kept.json");
    String words =
        "passkey --length 300,320 --depths 2 --trials 1 --threads 1 --model "
            + model
            + " --output "
            + output;
    Captured first = succeed(words);
    assertThat(output)
        .isDirectoryContaining("glob:**/passkey.json")
        .isDirectoryContaining("glob:**/passkey.csv")
        .isDirectoryContaining("glob:**/passkey.png");
    assertThat(Files.readAllLines(output.resolve("passkey.csv"))).hasSize(1 + 4);
    byte[] result = Files.readAllBytes(output.resolve("passkey.json"));
    Captured again = succeed(words, "--json", json);
    assertThat(again.errors())
        .containsExactly(output + " has all results: nothing is computed again.");
    assertThat(again.out()).isEqualTo(first.out());
    assertThat(output.resolve("passkey.json")).hasBinaryContent(result);
    assertThat(json).hasBinaryContent(result);
    JsonNode unkept = measured("--length 300,320 --depths 2 --trials 1");
    assertThat(Runs.json(json)).isEqualTo(unkept);
  }

  @Test
  void output_ofAnInterruptedTest_endsLikeTheUnbrokenOne() throws IOException {
    String words = "passkey --length 300,320 --depths 2 --trials 1 --threads 1 --model " + model;
    Path whole = directory.resolve("whole");
    succeed(words, "--output", whole);
    byte[] answers = Files.readAllBytes(whole.resolve("log/segment-000000.jsonl"));
    Path broken = directory.resolve("broken");
    for (int bytes : new int[] {3, answers.length / 2, answers.length - 1}) {
      for (String file : List.of("passkey.json", "passkey.csv", "passkey.png")) {
        Files.deleteIfExists(broken.resolve(file));
      }
      FileUtils.deleteDirectory(broken.resolve("log").toFile());
      Files.createDirectories(broken.resolve("log"));
      Files.write(broken.resolve("log/segment-000000.jsonl"), Arrays.copyOf(answers, bytes));
      Captured run = succeed(words + " --master local[2]", "--output", broken);
      assertThat(run.err()).contains("4/4 trials in ");
      for (String file : List.of("passkey.json", "passkey.csv")) {
        assertThat(broken.resolve(file)).hasSameBinaryContentAs(whole.resolve(file));
      }
    }
  }

  @Test
  void output_ofAnotherTest_isRefused() throws IOException {
    Path output = directory.resolve("other");
    String words = "--length 300 --depths 1 --trials 1 --threads 1 --output " + output;
    succeed("passkey --model " + model + " " + words);
    assertThat(refused(model, words + " --seed 7")).contains("seed: 42 there, 7 here");
    assertThat(refused(model, words + " --needle")).contains("needle only: false there");
    assertThat(refused(model, words + " --method pi")).contains("factors: ");
    assertThat(refused(TinyWorld.textModel(directory.resolve("second"), 8), words))
        .contains("model sha256: ");
    assertThat(refused(model, "--length 300 --output " + directory))
        .contains("holds no log of a measurement");
  }

  private static Path factorsFor(int targetLength, double last) {
    Path file = directory.resolve("factors-" + targetLength + ".json");
    FactorFile.write(
        file,
        FactorSet.of(
            new Rescaling(RescaleFactors.of(1, 1.5, 2, last), 0, 1),
            new RopeGeometry(8, 10_000, 32),
            targetLength,
            null));
    return file;
  }

  @Test
  void inputThatCannotBeUsed_isRefusedInOneLine() throws IOException {
    assertThat(refused(model, "--length 512,100")).contains("100 tokens", "at least");
    assertThat(refused(model, "--length 512 --depths 0")).contains("--depths");
    assertThat(refused(model, "--length 512 --trials 0")).contains("--trials");
    assertThat(refused(model, "--length 512 --threads 0")).contains("--threads");
    assertThat(refused(model, "--length 512 --method magic")).contains("magic");
    assertThat(refused(model, "--length 512 --plot " + directory)).contains("--plot");
    assertThat(refused(TinyWorld.shared().model(), "--length 512")).contains("tokenizer.json");
    Path csv = Files.writeString(directory.resolve("three.csv"), "1,2,3\n");
    assertThat(refused(model, "--length 512", "--factors", csv)).contains("3", "4");
  }

  @Test
  void lengthsThatDoNotFit_areRefusedBeforeAnyTrial() {
    Path output = directory.resolve("too-long");
    String words = "--length 512,2147483647 --depths 1 --trials 1 --output " + output;
    assertThat(refused(model, words)).contains("does not fit", "GiB");
    assertThat(refused(model, words + " --master local[1]")).contains("does not fit", "GiB");
    assertThat(output).doesNotExist();
  }
}
