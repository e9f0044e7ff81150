package org.longrope.driver.cli;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.within;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.json.JsonMapper;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import org.apache.commons.io.FileUtils;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.longrope.driver.Captured;
import org.longrope.driver.TinyWorld;
import org.longrope.driver.factors.FactorFile;
import org.longrope.driver.factors.FactorSet;
import org.longrope.driver.measure.benchmark.BenchmarkFixtures;
import org.longrope.driver.run.Runs;
import org.longrope.eval.Sha256;
import org.longrope.eval.checkpoint.Checkpoint;
import org.longrope.eval.decoder.AttentionWindow;
import org.longrope.eval.decoder.ResidentModel;
import org.longrope.eval.rope.RescaleFactors;
import org.longrope.eval.rope.Rescaling;
import org.longrope.eval.rope.RopeGeometry;
import org.longrope.eval.tokenizer.DocumentTokenizer;

/** Invented questions to a random model, by the command line. */
@Tag("numeric")
class BenchmarkCommandTest {
  private static final String SHOTS = "arc_challenge=2,hellaswag=1,mmlu=2";

  @TempDir static Path directory;
  private static Path model;
  private static Path benchmarks;

  @BeforeAll
  static void writeModelAndQuestions() {
    model = TinyWorld.textModel(directory.resolve("model"), 3);
    benchmarks = BenchmarkFixtures.all(directory.resolve("benchmarks"));
  }

  private static Captured run(Object... words) {
    List<Object> all =
        new ArrayList<>(
            List.of("benchmark", "--model", model, "--benchmarks", benchmarks, "--threads", 1));
    all.addAll(Arrays.asList(words));
    return Captured.run(all.toArray());
  }

  private static Captured succeed(Object... words) {
    Captured run = run(words);
    assertThat(run.exitCode()).as(run.err()).isZero();
    return run;
  }

  private static String refused(Object... words) {
    Path json = directory.resolve("refused.json");
    List<Object> all = new ArrayList<>(Arrays.asList(words));
    all.addAll(List.of("--json", json));
    Captured run = run(all.toArray());
    assertThat(run.exitCode()).as(run.err()).isEqualTo(Main.EXIT_BAD_INPUT);
    assertThat(run.out()).isEmpty();
    assertThat(json).doesNotExist();
    List<String> errors =
        run.errors().stream().filter(line -> line.startsWith("longrope: ")).toList();
    assertThat(errors).as(run.err()).hasSize(1);
    return errors.get(0);
  }

  private static List<JsonNode> lines(Path file) throws IOException {
    List<JsonNode> lines = new ArrayList<>();
    for (String line : Files.readAllLines(file)) {
      lines.add(new JsonMapper().readTree(line));
    }
    return lines;
  }

  @Test
  void allTasks_giveATableTheResultsAndEveryAnswer() throws IOException {
    Path json = directory.resolve("out.json");
    Path items = directory.resolve("items.jsonl");
    Captured run =
        succeed(
            "--shots",
            SHOTS,
            "--method",
            "pi",
            "--target-length",
            2048,
            "--json",
            json,
            "--items",
            items);
    assertThat(run.out().lines().toList()).hasSize(5);
    assertThat(run.out())
        .contains("arc_challenge        2  acc_norm ", "truthfulqa_mc2       0  mc2 ")
        .contains("2 of 57 subjects", "shots from 1 questions that are not asked");
    assertThat(run.err()).contains("mmlu 3/3 questions  ETA ");
    JsonNode results = Runs.json(json).path("results");
    assertThat(results).hasSize(4);
    List<JsonNode> answers = lines(items);
    assertThat(answers).hasSize(3 + 3 + 3 + 2);
    for (JsonNode result : results) {
      List<JsonNode> own =
          answers.stream()
              .filter(answer -> answer.path("task").equals(result.path("task")))
              .toList();
      assertThat(own).hasSize(result.path("items").asInt());
      if (!result.path("task").asText().equals("mmlu")) {
        assertThat(result.path("value").asDouble()).isCloseTo(mean(own), within(1e-12));
      }
    }
    assertThat(results.get(0).path("shots_from").asText()).isEqualTo("examples");
    assertThat(results.get(1).path("shots_from").asText())
        .isEqualTo("questions that are not asked");
    assertThat(results.get(3).has("shots_from")).isFalse();
    JsonNode mmlu = results.get(2);
    double knots = mmlu.at("/subjects/knots/value").asDouble();
    double birds = mmlu.at("/subjects/sea_birds/value").asDouble();
    assertThat(mmlu.path("value").asDouble()).isCloseTo((knots + birds) / 2, within(1e-12));
    assertThat(mmlu.at("/item_weighted/value").asDouble())
        .isCloseTo((knots + 2 * birds) / 3, within(1e-12));
    assertThat(mmlu.path("standard_error").isNull()).isTrue();
    assertThat(mmlu.path("files")).hasSize(4);
    assertThat(results.get(3).at("/files/0/sha256").asText())
        .isEqualTo(Sha256.ofFile(benchmarks.resolve("truthfulqa/mc_task_v1.json")));
    JsonNode provenance = Runs.json(json).path("provenance");
    assertThat(provenance.path("model_sha256").asText()).isEqualTo(Checkpoint.open(model).sha256());
    JsonNode factors = provenance.path("factors");
    assertThat(factors).hasSize(1);
    assertThat(factors.at("/0/questions").asInt()).isEqualTo(answers.size());
    assertThat(factors.at("/0/rescale_factors/0").asDouble()).isEqualTo(64);
    assertThat(factors.at("/0/start_tokens").asInt()).isZero();
    assertThat(factors.at("/0/attention_factor").asDouble()).isEqualTo(1);
    assertThat(provenance.fieldNames())
        .toIterable()
        .contains(
            "tokenizer_sha256",
            "method",
            "attention_window",
            "length",
            "bos",
            "dtype",
            "threads",
            "versions");
  }

  private static double mean(List<JsonNode> answers) {
    return answers.stream().mapToDouble(a -> a.path("value").asDouble()).average().orElseThrow();
  }

  @Test
  void answer_isTheLogLikelihoodOfTheWholeSequence() throws IOException {
    Path items = directory.resolve("one.jsonl");
    succeed(
        "--tasks",
        "arc_challenge",
        "--shots",
        "arc_challenge=0",
        "--bos",
        "--method",
        "ntk",
        "--target-length",
        64,
        "--start-tokens",
        2,
        "--items",
        items);
    JsonNode answer = lines(items).get(1);
    assertThat(answer.path("id").asText()).isEqualTo("t1");
    Checkpoint checkpoint = Checkpoint.open(model);
    RescaleFactors ntk =
        org.longrope.eval.rope.RopeMethod.NTK.factors(checkpoint.config().rope(), 64, 64);
    try (DocumentTokenizer tokenizer = DocumentTokenizer.open(model);
        ResidentModel resident = ResidentModel.load(checkpoint, AttentionWindow.CONFIG, 64)) {
      int[] context = tokenizer.encode("Question: What is hot?\nAnswer:");
      List<String> choices = List.of(" ice", " snow", " a flame");
      for (int c = 0; c < choices.size(); c++) {
        int[] text = tokenizer.encode("Question: What is hot?\nAnswer:" + choices.get(c));
        int[] whole = new int[text.length + 1];
        whole[0] = tokenizer.bosTokenId().orElseThrow();
        System.arraycopy(text, 0, whole, 1, text.length);
        double sum = 0;
        for (float nll : resident.nll(whole, context.length + 1, new Rescaling(ntk, 2, 1))) {
          sum -= nll;
        }
        assertThat(answer.path("log_likelihoods").get(c).asDouble()).isCloseTo(sum, within(1e-4));
      }
    }
    assertThat(answer.path("right").get(2).asBoolean()).isTrue();
  }

  @Test
  void seed_decidesShotsAndNothingElseDoes() throws IOException {
    List<Path> files = new ArrayList<>();
    for (int seed : new int[] {1, 1, 2}) {
      Path items = directory.resolve("seed-" + files.size() + ".jsonl");
      succeed(
          "--tasks",
          "arc_challenge",
          "--shots",
          "arc_challenge=1",
          "--target-length",
          128,
          "--seed",
          seed,
          "--items",
          items);
      files.add(items);
    }
    assertThat(files.get(0)).hasSameTextualContentAs(files.get(1));
    assertThat(Files.readString(files.get(0))).isNotEqualTo(Files.readString(files.get(2)));
  }

  @Test
  void answers_areTheSameHereAndOnAnyNumberOfExecutors() throws IOException {
    List<List<JsonNode>> answers = new ArrayList<>();
    for (List<Object> where :
        List.<List<Object>>of(
            List.of(), List.of("--master", "local[1]"), List.of("--master", "local[2]"))) {
      Path items = directory.resolve("where-" + answers.size() + ".jsonl");
      List<Object> words = new ArrayList<>(where);
      words.addAll(List.of("--shots", SHOTS, "--target-length", 2048, "--items", items));
      // On several executors any of the tasks may be the last, which has no time to go.
      assertThat(succeed(words.toArray()).err()).containsPattern("mmlu 3/3 questions( in|  ETA) ");
      answers.add(lines(items));
    }
    assertThat(answers.get(1)).isEqualTo(answers.get(0));
    assertThat(answers.get(2)).isEqualTo(answers.get(0));
  }

  /** TruthfulQA's questions are alike but for their lengths. */
  @Test
  void factorsOfSeveralLengths_holdForEachQuestionsOwnLength() throws IOException {
    Path json = directory.resolve("dynamic.json");
    Object[] common = {"--tasks", "truthfulqa_mc2", "--items"};
    Path probe = directory.resolve("probe.jsonl");
    succeed(with(common, probe, "--target-length", 4096, "--json", json));
    int shortest = Runs.json(json).at("/provenance/factors/0/shortest").asInt();
    int longest = Runs.json(json).at("/provenance/factors/0/longest").asInt();
    assertThat(shortest).isLessThan(longest);
    Path first = factorsFor(shortest, 2);
    Path second = factorsFor(longest, 9);
    Path both = directory.resolve("both.jsonl");
    succeed(with(common, both, "--factors", second, "--factors", first, "--json", json));
    JsonNode factors = Runs.json(json).at("/provenance/factors");
    assertThat(factors).hasSize(2);
    for (int i = 0; i < 2; i++) {
      assertThat(factors.at("/" + i + "/questions").asInt()).isEqualTo(1);
      assertThat(factors.at("/" + i + "/longest").asInt()).isEqualTo(i == 0 ? shortest : longest);
      assertThat(factors.at("/" + i + "/rescale_factors/3").asDouble()).isEqualTo(i == 0 ? 2 : 9);
    }
    Path alone = directory.resolve("alone.jsonl");
    succeed(with(common, alone, "--factors", first, "--target-length", longest));
    // The first question is the shorter one.
    assertCloseAnswers(lines(both).get(0), lines(alone).get(0), true);
    assertCloseAnswers(lines(both).get(1), lines(alone).get(1), false);
    succeed(with(common, alone, "--factors", second));
    assertCloseAnswers(lines(both).get(0), lines(alone).get(0), false);
    assertCloseAnswers(lines(both).get(1), lines(alone).get(1), true);
  }

  private static Object[] with(Object[] words, Object... more) {
    List<Object> all = new ArrayList<>(Arrays.asList(words));
    all.addAll(Arrays.asList(more));
    return all.toArray();
  }

  private static void assertCloseAnswers(JsonNode first, JsonNode second, boolean close) {
    double difference =
        first.at("/log_likelihoods/0").asDouble() - second.at("/log_likelihoods/0").asDouble();
    assertThat(Math.abs(difference) < 1e-3).as("difference %f", difference).isEqualTo(close);
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
  void dynamicNtk_isAnotherRescalingAtEachLength() {
    Path json = directory.resolve("ntk.json");
    succeed(
        "--tasks",
        "truthfulqa_mc2",
        "--method",
        "dynamic-ntk",
        "--target-length",
        4096,
        "--json",
        json);
    JsonNode factors = Runs.json(json).at("/provenance/factors");
    assertThat(factors).hasSize(2);
    for (JsonNode row : factors) {
      assertThat(row.path("shortest")).isEqualTo(row.path("longest"));
      assertThat(row.at("/rescale_factors/3").asDouble())
          .isCloseTo(row.path("longest").asInt() / 32.0, within(1e-9));
    }
  }

  @Test
  void output_ofAnInterruptedBenchmark_endsLikeTheUnbrokenOne() throws IOException {
    Object[] words = {"--shots", SHOTS, "--target-length", 2048, "--output"};
    Path whole = directory.resolve("whole");
    Captured unbroken = succeed(with(words, whole));
    byte[] answers = Files.readAllBytes(whole.resolve("log/segment-000000.jsonl"));
    Path broken = directory.resolve("broken");
    for (int cut = 1; cut <= 4; cut++) {
      Files.deleteIfExists(broken.resolve("benchmark.json"));
      Files.deleteIfExists(broken.resolve("items.jsonl"));
      int bytes = answers.length * cut / 5;
      FileUtils.deleteDirectory(broken.resolve("log").toFile());
      Files.createDirectories(broken.resolve("log"));
      Files.write(broken.resolve("log/segment-000000.jsonl"), Arrays.copyOf(answers, bytes));
      Captured run =
          succeed(with(words, broken, "--master", cut % 2 == 0 ? "local[2]" : "local[1]"));
      assertThat(run.out()).isEqualTo(unbroken.out());
      for (String file : List.of("benchmark.json", "items.jsonl")) {
        assertThat(broken.resolve(file)).hasSameBinaryContentAs(whole.resolve(file));
      }
    }
    Captured again = succeed(with(words, whole));
    assertThat(again.err()).contains(whole + " has all results: nothing is computed again.");
    assertThat(again.out()).isEqualTo(unbroken.out());
    assertThat(refused(with(words, whole, "--seed", 7))).contains("tasks: ");
    assertThat(refused(with(words, whole, "--bos"))).contains("bos: false there, true here");
    assertThat(refused(with(words, whole, "--bos", "auto")))
        .contains("bos: false there, true here");
    assertThat(refused(with(words, whole, "--bos", "on"))).contains("--bos is on: expected auto");
    assertThat(refused(with(words, whole, "--method", "pi"))).contains("factors: ");
  }

  @Test
  void whatCannotBeAsked_isRefusedInOneSentence() throws IOException {
    assertThat(refused("--tasks", "arc_challenge", "--shots", "arc_challenge=2"))
        .contains("arc_challenge with 2 shots needs ", "expected at most 32, ", "--shots");
    assertThat(refused("--tasks", "arc")).contains("Unknown task 'arc': expected arc_challenge, ");
    assertThat(refused("--tasks", "mmlu", "--shots", "hellaswag=1")).contains("names hellaswag");
    assertThat(refused("--shots", "truthfulqa_mc2=1")).contains("expected 0");
    assertThat(refused("--shots", "arc_challenge=x")).contains("--shots");
    assertThat(refused("--limit", 0)).contains("--limit is 0");
    assertThat(refused("--method", "dynamic-ntk")).contains("dynamic-ntk", "--target-length");
    assertThat(refused("--method", "yarn")).contains("--method yarn", "--target-length");
    Path factors = Files.writeString(directory.resolve("f.csv"), "1,2,3,4\n");
    assertThat(refused("--factors", factors)).contains("f.csv", "--target-length");
    Path three = Files.writeString(directory.resolve("three.csv"), "1,2,3\n");
    assertThat(refused("--factors", three)).contains("the file has 3");
    assertThat(refused("--items", directory.resolve("none/x"))).contains("--items");
    assertThat(refused("--benchmarks-of", "x")).contains("--benchmarks-of");
  }

  @Test
  void modelWithoutTokenizer_isRefused() {
    Captured run =
        Captured.run(
            "benchmark", "--model", TinyWorld.shared().model(), "--benchmarks", benchmarks);
    assertThat(run.exitCode()).isEqualTo(Main.EXIT_BAD_INPUT);
    assertThat(run.err()).contains("No tokenizer.json");
  }
}
