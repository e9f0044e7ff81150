package org.longrope.driver.run.problem;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.assertj.core.api.Assertions.within;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.node.ObjectNode;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Instant;
import java.util.Arrays;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.stream.Collectors;
import org.apache.spark.api.java.JavaSparkContext;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.longrope.driver.Captured;
import org.longrope.driver.TinyWorld;
import org.longrope.driver.execution.EvaluationTask;
import org.longrope.driver.execution.TaskExecutor;
import org.longrope.driver.execution.spark.SparkSettings;
import org.longrope.driver.execution.spark.SparkTaskExecutor;
import org.longrope.driver.run.RunListener;
import org.longrope.driver.run.Runs;
import org.longrope.driver.run.SearchRun;
import org.longrope.driver.run.replay.BegunRun;
import org.longrope.driver.run.replay.RunDirectory;
import org.longrope.driver.run.results.RunStatus;
import org.longrope.driver.run.settings.SearchSettings;
import org.longrope.eval.BadInputException;
import org.longrope.eval.perplexity.Protocol;
import org.longrope.eval.tokenizer.DocumentTokenizer;
import org.longrope.search.genetic.GeneticConfig;

/** Searches with other objectives than perplexity. */
@Tag("numeric")
class ObjectiveTest {
  private static final int TARGET = 320;

  private static final TaskExecutor NO_MORE =
      Runs.local(
          task -> {
            throw new AssertionError("Nothing is left to evaluate, yet asked for " + task);
          });

  @TempDir static Path directory;
  private static Path model;
  private static Path data;
  private static SearchSettings needle;
  private static Path searched;
  private static String summary;

  @BeforeAll
  static void searchForKeys() {
    model = TinyWorld.textModel(directory.resolve("model"), 3);
    data =
        TinyWorld.partition(directory.resolve("data"), TinyWorld.documents(4, TARGET, 11), model);
    needle =
        Runs.minimising(
            Objective.NEEDLE,
            TARGET,
            Runs.settings(model, data, new GeneticConfig(4, 2, 1, 1, 2, 0.5, 3), 2, 1));
    searched = directory.resolve("searched");
    SearchRun run = begin(searched, needle);
    try (Runs.OpenWorker worker = Runs.worker(run)) {
      summary = run.execute(inProcess(worker), Runs.SURROGATE, RunListener.SILENT);
    }
  }

  private static SearchRun begin(Path output, SearchSettings settings) {
    RunDirectory created = RunDirectory.create(output.toString(), Runs.HADOOP);
    return SearchRun.begin(settings, created, Runs.HADOOP);
  }

  private static TaskExecutor inProcess(Runs.OpenWorker worker) {
    return Runs.local(task -> worker.execute(task));
  }

  private static void assertLikeSearched(Path run) {
    for (String file : List.of("factors.json", "summary.json", "summary.txt", "run.json")) {
      assertThat(run.resolve(file)).hasSameBinaryContentAs(searched.resolve(file));
    }
    assertThat(Runs.journalContents(run)).isEqualTo(Runs.journalContents(searched));
  }

  private static List<EvaluationTask> tasks(Path run, int length) {
    return Runs.evaluationsOf(run)
        .map(result -> (EvaluationTask) result.task())
        .filter(task -> task.protocol().length() == length)
        .toList();
  }

  @Test
  void needle_onAnyNumberOfCores_givesTheSameJournalAndFactors() {
    for (String master : List.of("local[1]", "local[2]")) {
      Path output = directory.resolve(master);
      try (JavaSparkContext spark = new SparkSettings(master, Map.of()).start("test")) {
        SearchRun run = begin(output, needle);
        try (SparkTaskExecutor scorer = Runs.onSpark(spark, run)) {
          assertThat(run.execute(scorer, Runs.SURROGATE, RunListener.SILENT)).isEqualTo(summary);
        }
      }
      assertLikeSearched(output);
    }
  }

  @Test
  void needle_interruptedAndResumed_endsAsAnUninterruptedSearch() {
    int all = Runs.evaluations(searched).size();
    for (int n : new int[] {0, 5, all / 2, all - 1}) {
      Path output = directory.resolve("interrupted-" + n);
      SearchRun run = begin(output, needle);
      try (Runs.OpenWorker worker = Runs.worker(run)) {
        int[] left = {n};
        TaskExecutor dying =
            Runs.local(
                task -> {
                  if (left[0]-- == 0) {
                    throw new IllegalStateException("killed");
                  }
                  return worker.execute(task);
                });
        assertThatThrownBy(() -> run.execute(dying, Runs.SURROGATE, RunListener.SILENT))
            .hasMessage("killed");
        assertThat(Runs.resume(output, inProcess(worker))).isEqualTo(summary);
      }
      assertLikeSearched(output);
    }
  }

  @Test
  void needle_ofADocument_isTheSameForEveryRescalingAndItsKeysTokensAloneAreScored() {
    Map<String, Set<Protocol>> byDocument =
        tasks(searched, TARGET).stream()
            .collect(
                Collectors.groupingBy(
                    EvaluationTask::documentId,
                    Collectors.mapping(EvaluationTask::protocol, Collectors.toSet())));
    assertThat(byDocument).hasSize(3).allSatisfy((id, asked) -> assertThat(asked).hasSize(1));
    List<Protocol.Needle> needles =
        byDocument.values().stream()
            .map(asked -> (Protocol.Needle) asked.iterator().next())
            .toList();
    assertThat(needles)
        .extracting(Protocol.Needle::depth)
        .containsExactlyInAnyOrder(0.25, 0.75, 0.5);
    assertThat(needles).extracting(Protocol.Needle::key).doesNotHaveDuplicates();
    assertThat(Runs.evaluationsOf(searched))
        .allSatisfy(
            result -> {
              Runs.Scored evaluation = Runs.Scored.of(result);
              assertThat(evaluation.score().tokens())
                  .isEqualTo(evaluation.task().protocol().length() == TARGET ? 6 : 31);
            });
    assertThat(tasks(searched, TinyWorld.WINDOW))
        .allSatisfy(
            task ->
                assertThat(task.protocol()).isEqualTo(new Protocol.Truncated(TinyWorld.WINDOW)));
  }

  @Test
  void needle_minimised_isTheLeastOfTheTable() {
    JsonNode json = Runs.json(searched.resolve("summary.json"));
    double least = Double.POSITIVE_INFINITY;
    for (JsonNode method : json.path("methods")) {
      assertThat(method.path("held_out_perplexity").isNumber()).isTrue();
      least = Math.min(least, method.path("target_perplexity").asDouble());
    }
    double found =
        json.at("/methods")
            .get(json.path("methods").size() - 1)
            .path("target_perplexity")
            .asDouble();
    assertThat(found).isCloseTo(least, within(1e-9 * least));
    JsonNode provenance = Runs.json(searched.resolve("factors.json")).at("/longrope/provenance");
    assertThat(provenance.path("perplexity").asDouble()).isCloseTo(found, within(1e-9 * found));
  }

  @Test
  void needle_isNamedWhereverItIsShown() {
    assertThat(summary)
        .startsWith(
            "Perplexity of the key in 2 documents at 320 tokens, in 1 other (held out), and"
                + " perplexity of all at the original window of 32.\n")
        .contains("key ppl at 320  held out  ppl at 32");
    JsonNode provenance = Runs.json(searched.resolve("factors.json")).at("/longrope/provenance");
    assertThat(provenance.path("protocol").asText())
        .matches(
            "needle\\(320, 0\\.25, \\d{5}\\), needle\\(320, 0\\.75, \\d{5}\\),"
                + " needle\\(320, 0\\.5, \\d{5}\\)");
    assertThat(provenance.path("tokenizer_sha256").asText())
        .isEqualTo(DocumentTokenizer.hash(model));
    assertThat(provenance.at("/settings/objective").asText()).isEqualTo("needle");
    assertThat(
            RunStatus.of(RunDirectory.open(searched.toString(), Runs.HADOOP)).toText(Instant.now()))
        .containsPattern("best +perplexity of the key \\d");
    Path report = directory.resolve("report");
    Captured command = Captured.run("report", searched, "--output", report);
    assertThat(command.exitCode()).as(command.err()).isZero();
    assertThat(Runs.text(report.resolve("report.html")).replaceAll("<[^>]*>", ""))
        .contains("Perplexity of the key in 2 documents", "perplexity of the key at the target")
        .contains("The best perplexity of the key among candidates went from")
        .contains("tokens alone are scored");
  }

  @Test
  void longTokens_scoreTokensBeyondTheWindow() {
    Path output = directory.resolve("long-tokens");
    SearchSettings settings = Runs.minimising(Objective.LONG_TOKENS, TARGET, needle);
    SearchRun run = begin(output, settings);
    try (Runs.OpenWorker worker = Runs.worker(run)) {
      assertThat(run.execute(inProcess(worker), Runs.SURROGATE, RunListener.SILENT))
          .startsWith("Perplexity of the tokens beyond the original window in 2 documents at 320");
    }
    assertThat(tasks(output, TARGET))
        .isNotEmpty()
        .allSatisfy(
            task ->
                assertThat(task.protocol()).isEqualTo(new Protocol.Tail(TARGET, TinyWorld.WINDOW)));
    assertThat(Runs.json(output.resolve("factors.json")).at("/longrope/provenance/protocol"))
        .hasToString("\"tail(320, 32)\"");
    Runs.resume(output, NO_MORE);
  }

  @Test
  void keys_dependOnSeedAndDocument_andDepthsOnThePlace() {
    List<String> documents = List.of("a", "b", "c", "d", "e");
    List<Protocol> protocols = keys(documents, 1);
    assertThat(keys(documents, 1)).isEqualTo(protocols);
    assertThat(protocols)
        .extracting(protocol -> ((Protocol.Needle) protocol).depth())
        .containsExactly(0.1, 0.3, 0.5, 0.7, 0.9);
    List<Protocol> other = keys(documents, 2);
    assertThat(new HashSet<>(other)).doesNotContainAnyElementsOf(protocols);
    assertThat(((Protocol.Needle) keys(List.of("b"), 1).get(0)).key())
        .isEqualTo(((Protocol.Needle) protocols.get(1)).key());
  }

  private static List<Protocol> keys(List<String> documents, long seed) {
    return Objective.NEEDLE.protocols(documents, TARGET, 32, seed).stream()
        .flatMap(List::stream)
        .toList();
  }

  @Test
  void resume_ofARunWithImpossibleSettings_isRejected() throws IOException {
    Path output = directory.resolve("damaged");
    begin(output, Runs.minimising(Objective.LONG_TOKENS, TARGET, needle));
    String begun = Runs.text(output.resolve("run.json"));
    for (String damaged : List.of("\"target-length\": 16", "\"target-length\": 1")) {
      Files.writeString(
          output.resolve("run.json"), begun.replace("\"target-length\": 320", damaged));
      assertThatThrownBy(() -> Runs.resume(output, NO_MORE))
          .isInstanceOf(BadInputException.class)
          .hasMessageContaining("run.json is damaged");
    }
    Files.writeString(output.resolve("run.json"), begun.replace("\"long-tokens\"", "\"accuracy\""));
    assertThatThrownBy(() -> Runs.resume(output, NO_MORE))
        .isInstanceOf(BadInputException.class)
        .hasMessageContaining("\"accuracy\" for objective");
  }

  @Test
  void runBegunBeforeThereWereObjectives_isReadAndMinimisesPerplexity() throws IOException {
    Path output = directory.resolve("older");
    SearchSettings plain = Runs.minimising(Objective.PERPLEXITY, TARGET, needle);
    Runs.run(output, plain, Runs.synthetic());
    ObjectNode json = (ObjectNode) Runs.json(output.resolve("run.json"));
    json.put("format_version", 2);
    ((ObjectNode) json.get("settings")).remove("objective");
    Files.writeString(output.resolve("run.json"), json.toString());
    RunStatus status = RunStatus.of(RunDirectory.open(output.toString(), Runs.HADOOP));
    assertThat(status.settings().objective()).isEqualTo(Objective.PERPLEXITY);
    assertThat(status.state().best()).isPresent();
    for (int version : new int[] {1, 6}) {
      Files.writeString(output.resolve("run.json"), json.put("format_version", version).toString());
      assertThatThrownBy(() -> BegunRun.read(RunDirectory.open(output.toString(), Runs.HADOOP)))
          .isInstanceOf(BadInputException.class)
          .hasMessageContaining("has format version " + version + ": expected 2 to 5");
    }
  }

  @Test
  void resume_withAnotherTokenizer_isRejected() throws IOException {
    Path own = TinyWorld.textModel(directory.resolve("own-model"), 3);
    // Of ids whose tokenizer is not known.
    Path ids = TinyWorld.partition(directory.resolve("ids"), TinyWorld.documents(3, TARGET, 1));
    SearchSettings settings =
        Runs.minimising(Objective.NEEDLE, TARGET, Runs.settings(own, ids, needle.search(), 2, 1));
    Path output = directory.resolve("tokenizer-changed");
    begin(output, settings);
    Path file = own.resolve("tokenizer.json");
    Files.writeString(file, Files.readString(file) + "\n");
    assertThatThrownBy(() -> Runs.resume(output, Runs.synthetic()))
        .isInstanceOf(BadInputException.class)
        .hasMessageContaining("The model " + own)
        .hasMessageContaining("has changed since the run began");
  }

  private static String refused(Path model, Path data, String... more) {
    Path output = directory.resolve("refused");
    Object[] words = {
      "search",
      "--master=local[1]",
      "--model=" + model,
      "--data=" + data,
      "--output=" + output,
      "--documents=2",
      "--population=4",
      "--parents=2",
      "--mutations=1",
      "--crossovers=1"
    };
    Object[] all = Arrays.copyOf(words, words.length + more.length);
    System.arraycopy(more, 0, all, words.length, more.length);
    Captured run = Captured.run(all);
    assertThat(run.errors()).as(run.err()).hasSize(1);
    assertThat(run.exitCode()).as(run.err()).isEqualTo(2);
    assertThat(output).doesNotExist();
    return run.err();
  }

  @Test
  void objectiveThatCannotBeMeasured_isRejectedInOneSentence() {
    assertThat(refused(model, data, "--target-length=320", "--objective=accuracy"))
        .contains(
            "objective is accuracy: expected one of perplexity, needle, long-tokens,"
                + " long-and-short.");
    TinyWorld world = TinyWorld.shared();
    assertThat(refused(world.model(), world.data(), "--target-length=128", "--objective=needle"))
        .contains("No tokenizer.json in " + world.model(), "--objective needle");
    assertThat(refused(model, data, "--target-length=200", "--objective=needle"))
        .containsPattern("pass key in 200 tokens: task, key, question and answer take 2\\d\\d");
    Path others =
        TinyWorld.partition(
            directory.resolve("others"),
            TinyWorld.documents(3, TARGET, 1),
            otherTokenizer(directory.resolve("other-model")));
    assertThat(refused(model, others, "--target-length=320", "--objective=needle"))
        .contains("was made with another tokenizer");
    assertThat(
            refused(model, data, "--target-length=32", "--max-factor=2", "--objective=long-tokens"))
        .contains("--target-length 32 is not beyond the model's original window of 32 tokens");
  }

  private static Path otherTokenizer(Path at) {
    TinyWorld.textModel(at, 4);
    Path file = at.resolve("tokenizer.json");
    try {
      Files.writeString(file, Files.readString(file) + "\n");
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
    return at;
  }
}
