package org.longrope.driver.cli;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.within;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.node.ObjectNode;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import org.junit.jupiter.api.BeforeEach;
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

@Tag("numeric")
class PerplexityCommandTest {
  private static final TinyWorld WORLD = TinyWorld.shared();

  @TempDir Path directory;
  private Path ids;

  @BeforeEach
  void writeIds() throws IOException {
    ids = directory.resolve("ids.json");
    Files.writeString(ids, TinyWorld.json(TinyWorld.documents(1, 150, 3).get(0)));
  }

  private JsonNode measured(Object... words) {
    Path json = directory.resolve("out.json");
    Captured run = measure(json, words);
    assertThat(run.exitCode()).as(run.err()).isZero();
    return Runs.json(json);
  }

  private static Captured measure(Path json, Object... words) {
    List<Object> all = new ArrayList<>(List.of("perplexity", "--json", json));
    all.addAll(Arrays.asList(words));
    if (!all.contains("--model")) {
      all.addAll(List.of("--model", WORLD.model()));
    }
    return Captured.run(all.toArray());
  }

  private String refused(Object... words) {
    Path json = directory.resolve("out.json");
    Captured run = measure(json, words);
    assertThat(run.errors()).as(run.err()).singleElement().asString().startsWith("longrope: ");
    assertThat(run.err()).doesNotContain("Exception");
    assertThat(run.exitCode()).as(run.err()).isEqualTo(Main.EXIT_BAD_INPUT);
    assertThat(json).doesNotExist();
    return run.err();
  }

  @Test
  void attentionWindow_shorterThanATextThatIsRead_isWarnedOf() {
    Path json = directory.resolve("out.json");
    Object[] words = {"--data", WORLD.data(), "--threads", 1, "--attention-window", "40"};
    List<Object> longer = new ArrayList<>(List.of("--length", "32,64"));
    longer.addAll(Arrays.asList(words));
    List<Object> within = new ArrayList<>(List.of("--length", "32,40"));
    within.addAll(Arrays.asList(words));

    assertThat(measure(json, longer.toArray()).err())
        .contains(
            "The attention window of 2 of 2 layers is 40 tokens, shorter than the 64 that are read:"
                + " no token attends further back; use --attention-window none to attend to all.");
    assertThat(measure(json, within.toArray()).err()).doesNotContain("attention window");
  }

  @Test
  void documents_ofAPartition_areTheFirstThatAreLongEnough() {
    Path data =
        TinyWorld.partition(
            directory.resolve("data"),
            List.of(
                TinyWorld.documents(1, 40, 1).get(0),
                TinyWorld.documents(1, 90, 2).get(0),
                TinyWorld.documents(1, 64, 3).get(0),
                TinyWorld.documents(1, 90, 4).get(0)));
    Path output = directory.resolve("table");
    Object[] words = {"--data", data, "--length", "32,64", "--threads", 1, "--documents", 2};
    JsonNode json = measured(words);
    assertThat(json.path("results").get(1).path("documents"))
        .extracting(document -> document.path("id").asText())
        .containsExactly("doc-1", "doc-2");

    List<Object> other = new ArrayList<>(Arrays.asList(words));
    other.set(7, 1);
    other.addAll(List.of("--output", output));
    assertThat(measure(directory.resolve("one.json"), other.toArray()).exitCode()).isZero();
    other.set(7, 3);
    assertThat(measure(directory.resolve("three.json"), other.toArray()).exitCode())
        .isEqualTo(Main.EXIT_BAD_INPUT);
  }

  @Test
  void documents_thatCannotBeTaken_areRefused() {
    Object[] data = {"--data", WORLD.data(), "--length", 64, "--documents"};
    Object[] text = {"--token-ids", ids, "--length", 64, "--documents", 1};
    for (int count : new int[] {0, 1000}) {
      List<Object> words = new ArrayList<>(Arrays.asList(data));
      words.add(count);
      assertThat(refused(words.toArray())).contains("--documents");
    }
    assertThat(refused(text)).contains("--documents is 1", "--data");
  }

  @Test
  void compare_measuresMethodsBeside_andReadsWhatIsTheSameOnce() throws IOException {
    Path output = directory.resolve("table");
    Object[] words = {
      "--data",
      WORLD.data(),
      "--length",
      "32,64",
      "--compare",
      "pi,yarn",
      "--threads",
      1,
      "--output",
      output
    };
    Captured run = measure(directory.resolve("out.json"), words);
    assertThat(run.exitCode()).as(run.err()).isZero();
    JsonNode results = Runs.json(output.resolve("perplexity.json")).path("results");
    assertThat(results)
        .extracting(result -> result.path("method").asText())
        .containsExactly("none", "none", "pi", "pi", "yarn", "yarn");
    // Within the window nothing is rescaled, whatever the method.
    assertThat(results.get(2).path("nll")).isEqualTo(results.get(0).path("nll"));
    assertThat(results.get(3).path("nll")).isNotEqualTo(results.get(1).path("nll"));
    int evaluations = 4 * TinyWorld.DOCUMENTS;
    assertThat(run.err()).contains(evaluations + "/" + evaluations + " evaluations");
    assertThat(run.out()).containsPattern("yarn +64 ");
    assertThat(Files.readAllLines(output.resolve("perplexity.csv"))).hasSize(7);
    assertThat(output.resolve("perplexity.png")).isNotEmptyFile();
    JsonNode alone =
        measured("--data", WORLD.data(), "--length", "64", "--method", "yarn", "--threads", 1);
    assertThat(alone.at("/results/0/nll")).isEqualTo(results.get(5).path("nll"));
  }

  @Test
  void output_brokenOff_isGoneOnWith() throws IOException {
    Path output = directory.resolve("table");
    Object[] words = {
      "--data", WORLD.data(), "--length", "32,64", "--threads", 1, "--output", output
    };
    assertThat(measure(directory.resolve("out.json"), words).exitCode()).isZero();
    byte[] whole = Files.readAllBytes(output.resolve("perplexity.json"));
    List<String> answers = Files.readAllLines(output.resolve("log/segment-000000.jsonl"));
    assertThat(answers).hasSize(2 + 2 * TinyWorld.DOCUMENTS);
    Files.delete(output.resolve("perplexity.json"));
    Files.writeString(
        output.resolve("log/segment-000000.jsonl"),
        String.join("\n", answers.subList(0, 7)) + "\n1234abcd {\"que");
    Captured again = measure(directory.resolve("out.json"), words);
    assertThat(again.exitCode()).as(again.err()).isZero();
    assertThat(again.err()).contains("12/12 evaluations in ");
    assertThat(output.resolve("perplexity.json")).hasBinaryContent(whole);
    words[3] = "64";
    Files.delete(directory.resolve("out.json"));
    assertThat(refused(words)).contains("holds the results of another measurement (protocols:");
    assertThat(refused("--data", WORLD.data(), "--length", "32", "--compare", "none"))
        .contains("--compare none is what is measured anyway");
  }

  @Test
  void json_hasTheContractsFieldsAndAddsUp() {
    JsonNode json = measured("--data", WORLD.data(), "--length", "32,64", "--method", "pi");
    assertThat(json.fieldNames()).toIterable().containsExactly("results", "provenance");
    assertThat(json.path("results")).hasSize(2);
    for (JsonNode result : json.path("results")) {
      assertThat(result.fieldNames())
          .toIterable()
          .containsExactlyInAnyOrder(
              "method",
              "length",
              "perplexity",
              "nll",
              "tokens",
              "documents",
              "rescale_factors",
              "start_tokens",
              "attention_factor");
      int length = result.path("length").asInt();
      assertThat(result.path("documents")).hasSize(TinyWorld.DOCUMENTS);
      double nll = 0;
      for (JsonNode document : result.path("documents")) {
        assertThat(document.fieldNames())
            .toIterable()
            .containsExactlyInAnyOrder("id", "nll", "tokens");
        assertThat(document.path("tokens").asInt()).isEqualTo(length - 1);
        nll += document.path("nll").asDouble();
      }
      assertThat(result.path("nll").asDouble()).isCloseTo(nll, within(1e-12 * nll));
      long tokens = (long) TinyWorld.DOCUMENTS * (length - 1);
      assertThat(result.path("tokens").asLong()).isEqualTo(tokens);
      double perplexity = Math.exp(nll / tokens);
      assertThat(result.path("perplexity").asDouble())
          .isCloseTo(perplexity, within(1e-12 * perplexity));
      // Each length is its own target.
      result
          .path("rescale_factors")
          .forEach(factor -> assertThat(factor.asDouble()).isEqualTo(length / 32.0));
    }
    assertThat(json.path("provenance").fieldNames())
        .toIterable()
        .contains("model_sha256", "partition_sha256", "method", "dtype", "versions");
  }

  @Test
  void byPosition_dividesTheTokensOfTheLongestLength() {
    Object[] words = {"--data", WORLD.data(), "--method", "yarn", "--compare", "ntk"};
    JsonNode parts =
        measured(with(words, "--length", "128,32,64", "--by-position")).path("results");
    JsonNode wholes = measured(with(words, "--length", "128")).path("results");
    for (int row = 0; row < 2; row++) {
      double nll = 0;
      for (int i = 0; i < 3; i++) {
        JsonNode part = parts.get(3 * row + i);
        assertThat(part.path("from").asInt()).isEqualTo(List.of(1, 32, 64).get(i));
        assertThat(part.path("length").asInt()).isEqualTo(List.of(32, 64, 128).get(i));
        // All by the factors of the longest.
        assertThat(part.path("rescale_factors")).isEqualTo(wholes.get(row).path("rescale_factors"));
        nll += part.path("nll").asDouble();
      }
      assertThat(nll).isCloseTo(wholes.get(row).path("nll").asDouble(), within(1e-4));
    }
  }

  @Test
  void byPosition_withoutTwoLengths_isRefused() {
    assertThat(refused("--token-ids", ids, "--length", "32", "--by-position"))
        .contains("--length 32", "two lengths");
    assertThat(refused("--token-ids", ids, "--length", "32,64", "--stride", "8", "--by-position"))
        .contains("--by-position", "--stride");
  }

  @Test
  void sliding_scoresEveryTokenButTheFirst() {
    JsonNode result =
        measured("--token-ids", ids, "--length", "32", "--stride", "8").path("results").get(0);
    assertThat(result.path("tokens").asInt()).isEqualTo(149);
  }

  @Test
  void dynamicNtk_dependsOnTheLengthAndNtkOnTheTarget() {
    JsonNode dynamic =
        measured(
                "--token-ids",
                ids,
                "--length",
                "64,128",
                "--method",
                "dynamic-ntk",
                "--target-length",
                "128")
            .path("results");
    JsonNode ntk =
        measured(
                "--token-ids",
                ids,
                "--length",
                "64,128",
                "--method",
                "ntk",
                "--target-length",
                "128")
            .path("results");
    assertThat(dynamic.get(0).path("rescale_factors"))
        .isNotEqualTo(dynamic.get(1).path("rescale_factors"));
    assertThat(ntk.get(0).path("rescale_factors")).isEqualTo(ntk.get(1).path("rescale_factors"));
    assertThat(dynamic.get(1).path("nll")).isEqualTo(ntk.get(1).path("nll"));
  }

  @Test
  void attentionWindow_changesWhatIsSeen() {
    Object[] words = {"--token-ids", ids, "--length", "32"};
    double all = measured(words).at("/results/0/nll").asDouble();
    Object[] narrow = {"--token-ids", ids, "--length", "32", "--attention-window", "4"};
    Object[] none = {"--token-ids", ids, "--length", "32", "--attention-window", "none"};
    assertThat(measured(narrow).at("/results/0/nll").asDouble()).isNotEqualTo(all);
    assertThat(measured(none).at("/results/0/nll").asDouble()).isEqualTo(all);
  }

  @Test
  void factors_ofAllThreeForms_giveTheSameNumber() throws IOException {
    Rescaling rescaling = new Rescaling(RescaleFactors.of(1, 1.5, 2.25, 4), 0, 1.1);
    Path own = directory.resolve("factors.json");
    FactorFile.write(
        own, FactorSet.of(rescaling, new RopeGeometry(8, 10_000, TinyWorld.WINDOW), 128, null));
    Path hf = directory.resolve("config.json");
    Path csv = directory.resolve("factors.csv");
    assertThat(
            Captured.run(
                    "export",
                    "--factors",
                    own,
                    "--model",
                    WORLD.model(),
                    "--format",
                    "hf",
                    "--output",
                    hf)
                .exitCode())
        .isZero();
    assertThat(
            Captured.run("export", "--factors", own, "--format", "csv", "--output", csv).exitCode())
        .isZero();
    Path gguf = directory.resolve("factors.gguf");
    assertThat(
            Captured.run(
                    "export",
                    "--factors",
                    own,
                    "--model",
                    WORLD.model(),
                    "--format",
                    "gguf",
                    "--output",
                    gguf)
                .exitCode())
        .isZero();
    assertThat(Files.readString(gguf, java.nio.charset.StandardCharsets.ISO_8859_1))
        .startsWith("GGUF");
    JsonNode expected = measured("--token-ids", ids, "--length", "128", "--factors", own);
    assertThat(expected.at("/results/0/attention_factor").asDouble()).isEqualTo(1.1);
    assertThat(measured("--token-ids", ids, "--length", "128", "--factors", hf).path("results"))
        .isEqualTo(expected.path("results"));
    assertThat(
            measured(
                    "--token-ids",
                    ids,
                    "--length",
                    "128",
                    "--factors",
                    csv,
                    "--attention-factor",
                    "1.1")
                .path("results"))
        .isEqualTo(expected.path("results"));
  }

  private Path factorsFor(int targetLength, double last) {
    Path file = directory.resolve("factors-" + targetLength + "-" + last + ".json");
    Rescaling rescaling = new Rescaling(RescaleFactors.of(1, 1.5, 2, last), targetLength / 32, 1.1);
    RopeGeometry rope = new RopeGeometry(8, 10_000, TinyWorld.WINDOW);
    FactorFile.write(file, FactorSet.of(rescaling, rope, targetLength, null));
    return file;
  }

  @Test
  void factors_ofSeveralLengths_areChosenByTheMeasuredLength() {
    Path to64 = factorsFor(64, 3);
    Path to128 = factorsFor(128, 5);
    JsonNode json =
        measured(
            "--token-ids", ids, "--length", "32,64,65,150", "--factors", to128, "--factors", to64);
    JsonNode shorter = measured("--token-ids", ids, "--length", "32,64", "--factors", to64);
    JsonNode longer = measured("--token-ids", ids, "--length", "65,150", "--factors", to128);
    for (int i = 0; i < 2; i++) {
      assertThat(json.at("/results/" + i)).isEqualTo(shorter.at("/results/" + i));
      assertThat(json.at("/results/" + (2 + i))).isEqualTo(longer.at("/results/" + i));
    }
    assertThat(json.at("/results/0/start_tokens").asInt()).isEqualTo(2);
    assertThat(json.at("/provenance/method").asText()).isEqualTo(to64 + ", " + to128);
  }

  @Test
  void tableExportedIntoAModel_isMeasuredAsItsFiles() throws IOException {
    Path extended = Files.createDirectories(directory.resolve("extended"));
    Files.copy(WORLD.model().resolve("model.safetensors"), extended.resolve("model.safetensors"));
    List<Object> files = new ArrayList<>();
    for (int length : new int[] {32, 64, 128}) {
      files.addAll(List.of("--factors", factorsFor(length, length)));
    }
    List<Object> words = new ArrayList<>(List.of("export", "--model", WORLD.model()));
    words.addAll(List.of("--format", "hf", "--output", extended));
    words.addAll(files);
    Captured export = Captured.run(words.toArray());
    assertThat(export.exitCode()).as(export.err()).isZero();
    assertThat(export.errors())
        .allMatch(line -> line.startsWith("warning: "))
        .anyMatch(line -> line.contains("texts of 33 to 64 tokens"));

    Object[] measured = {"--token-ids", ids, "--length", "32,33,64,65,150"};
    JsonNode expected = measured(with(measured, files.toArray()));
    JsonNode own = measured(with(measured, "--model", extended));
    Path config = extended.resolve("config.json");
    JsonNode given = measured(with(measured, "--factors", config));

    own.path("results")
        .forEach(
            result -> {
              assertThat(result.path("method").asText()).isEqualTo("own factors");
              ((ObjectNode) result).put("method", "found factors");
            });
    assertThat(own.path("results")).isEqualTo(expected.path("results"));
    assertThat(given.path("results")).isEqualTo(expected.path("results"));
    assertThat(own.at("/provenance/method").asText())
        .isEqualTo(
            String.format(
                "%1$s up to 32 tokens, %1$s up to 64 tokens, %1$s up to 128 tokens", config));
  }

  @Test
  void factors_ofSeveralLengthsWithSu_takeItAtTheirOwnLength() {
    JsonNode json =
        measured(
            "--token-ids",
            ids,
            "--length",
            "32,150",
            "--factors",
            factorsFor(64, 3),
            "--factors",
            factorsFor(128, 5),
            "--attention-factor",
            "su");
    double log32 = Math.log(32);
    assertThat(json.at("/results/0/attention_factor").asDouble())
        .isCloseTo(Math.sqrt(1 + Math.log(2) / log32), within(1e-12));
    assertThat(json.at("/results/1/attention_factor").asDouble())
        .isCloseTo(Math.sqrt(1 + Math.log(4) / log32), within(1e-12));
  }

  @Test
  void factors_thatCannotMakeATable_areRefused() throws IOException {
    Path to64 = factorsFor(64, 3);
    Path again = factorsFor(64, 5);
    Path csv = Files.writeString(directory.resolve("f.csv"), "1,2,3,4\n");
    Object[] words = {"--token-ids", ids, "--length", "32", "--factors", to64, "--factors"};
    assertThat(refused(with(words, again))).contains(to64.toString(), again.toString(), "64");
    assertThat(refused(with(words, csv))).contains(csv.toString(), "length");
    assertThat(refused(with(words, factorsFor(128, 2), "--target-length", 64)))
        .contains("--target-length");
    assertThat(refused(with(words, factorsFor(128, 2), "--method", "pi")))
        .contains("--method", "--factors");
  }

  private static Object[] with(Object[] words, Object... more) {
    List<Object> all = new ArrayList<>(Arrays.asList(words));
    all.addAll(Arrays.asList(more));
    return all.toArray();
  }

  @Test
  void factorsThatFall_areAWarning() throws IOException {
    Path csv = Files.writeString(directory.resolve("f.csv"), "1,2,1.99,4\n");
    Captured run =
        measure(
            directory.resolve("o.json"), "--token-ids", ids, "--length", "64", "--factors", csv);
    assertThat(run.exitCode()).isZero();
    assertThat(run.err()).contains("warning: ", "not monotone");
  }

  @Test
  void inputThatCannotBeUsed_isRefusedInOneLine() throws IOException {
    Path noJson = Files.writeString(directory.resolve("no.json"), "1 2 3");
    Path broken = Files.writeString(directory.resolve("broken.json"), "[1, 2");
    Path beyond = Files.writeString(directory.resolve("beyond.json"), "[1, 2, 64]");
    Path csv = Files.writeString(directory.resolve("three.csv"), "1,2,3\n");
    refused("--token-ids", noJson, "--length", "32");
    refused("--token-ids", broken, "--length", "32");
    assertThat(refused("--token-ids", beyond, "--length", "3")).contains("64", "vocabulary");
    assertThat(refused("--token-ids", ids, "--length", "1")).contains("--length");
    assertThat(refused("--token-ids", ids, "--length", "32", "--stride", "32")).contains("stride");
    assertThat(refused("--token-ids", ids, "--length", "32", "--method", "magic"))
        .contains("magic");
    assertThat(refused("--token-ids", ids, "--length", "32", "--factors", csv)).contains("3", "4");
    assertThat(refused("--text", ids, "--length", "32")).contains("tokenizer.json");
  }

  @Test
  void jsonThatCannotBeWritten_isRefused() {
    Captured run =
        measure(directory.resolve("none/out.json"), "--token-ids", ids, "--length", "32");
    assertThat(run.exitCode()).as(run.err()).isEqualTo(Main.EXIT_BAD_INPUT);
    assertThat(run.out()).isEmpty();
    assertThat(run.errors()).hasSize(1);
  }
}
