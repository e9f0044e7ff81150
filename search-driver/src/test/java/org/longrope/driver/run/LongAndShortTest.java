package org.longrope.driver.run;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.assertj.core.api.Assertions.within;

import com.fasterxml.jackson.databind.JsonNode;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Instant;
import java.util.ArrayList;
import java.util.Collections;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Random;
import java.util.Set;
import java.util.stream.Collectors;
import java.util.stream.Stream;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.longrope.driver.Captured;
import org.longrope.driver.TinyWorld;
import org.longrope.driver.execution.EvaluationTask;
import org.longrope.driver.execution.TaskExecutor;
import org.longrope.driver.execution.TaskResult;
import org.longrope.driver.factors.FactorFile;
import org.longrope.driver.factors.FactorSet;
import org.longrope.driver.run.problem.Objective;
import org.longrope.driver.run.replay.BegunRun;
import org.longrope.driver.run.replay.EvaluationPlan;
import org.longrope.driver.run.replay.LogEntry;
import org.longrope.driver.run.replay.RunDirectory;
import org.longrope.driver.run.replay.RunInputs;
import org.longrope.driver.run.results.RunStatus;
import org.longrope.driver.run.results.Trajectory;
import org.longrope.driver.run.settings.SearchSettings;
import org.longrope.eval.perplexity.DocumentScore;
import org.longrope.eval.perplexity.Protocol;
import org.longrope.eval.rope.QueryScales;
import org.longrope.eval.rope.RescaleFactors;
import org.longrope.eval.rope.Rescaling;
import org.longrope.eval.rope.RopeGeometry;
import org.longrope.search.Candidate;
import org.longrope.search.Proposal;
import org.longrope.search.StrategyConfig;
import org.longrope.search.cmaes.CmaEsConfig;
import org.longrope.search.genetic.GeneticConfig;

/** Searches that weigh the long window against the short one, and what they leave to choose. */
@Tag("numeric")
class LongAndShortTest {
  private static final TinyWorld WORLD = TinyWorld.shared();
  private static final int TARGET = 4 * TinyWorld.WINDOW;
  private static final SearchSettings PAPER = settings(new GeneticConfig(8, 4, 3, 3, 3, 0.5, 3));
  private static final SearchSettings FAST = settings(new CmaEsConfig(4, 45, Set.of(), false, 3));

  @TempDir static Path directory;
  private static Path searched;
  private static String summary;

  @BeforeAll
  static void search() {
    searched = directory.resolve("searched");
    summary = Runs.run(searched, PAPER, Runs.local(LongAndShortTest::tornBetween));
  }

  private static SearchSettings settings(StrategyConfig search) {
    SearchSettings plain = Runs.settings(WORLD.model(), WORLD.data(), search, 2, 2);
    return Runs.minimising(Objective.LONG_AND_SHORT, TARGET, plain);
  }

  /** Long texts are read best by PI, short ones where nothing is rescaled. */
  private static TaskResult<DocumentScore> tornBetween(EvaluationTask task) {
    double best = task.protocol().length() == TARGET ? 4 : 1;
    double nll = 2 + 0.001 * task.rescaling().startTokens();
    for (double lambda : task.rescaling().factors().toArray()) {
      nll += 0.3 * Math.pow(Math.log(lambda / best), 2);
    }
    long tokens = task.protocol().length() - 1;
    double perDocument = 1 + 0.01 * Math.floorMod(task.documentId().hashCode(), 7);
    return task.completed(
        new DocumentScore(task.documentId(), nll * tokens * perDocument, tokens, 0), "f32", null);
  }

  /** Dies after so many answers; shuffled, as answers come on a cluster. */
  private static TaskExecutor dyingAfter(int answersLeft, int seed) {
    int[] left = {answersLeft};
    return Runs.scorer(
        (tasks, answers) -> {
          List<EvaluationTask> order = new ArrayList<>(tasks);
          Collections.shuffle(order, new Random(seed));
          for (EvaluationTask task : order) {
            if (left[0]-- == 0) {
              throw new IllegalStateException("killed");
            }
            answers.accept(tornBetween(task));
          }
        });
  }

  private static RunDirectory open(Path run) {
    return RunDirectory.open(run.toString(), Runs.HADOOP);
  }

  private static List<String> files(Path run) throws IOException {
    try (Stream<Path> files = Files.list(run)) {
      return files
          .filter(Files::isRegularFile)
          .map(file -> file.getFileName().toString())
          .sorted()
          .toList();
    }
  }

  private static void assertLike(Path unbroken, Path run) throws IOException {
    assertThat(files(run)).isEqualTo(files(unbroken));
    for (String file : files(run)) {
      if (!file.endsWith(".png")) {
        assertThat(run.resolve(file)).hasSameBinaryContentAs(unbroken.resolve(file));
      }
    }
    assertThat(Runs.journalContents(run)).isEqualTo(Runs.journalContents(unbroken));
  }

  /** By the definition: Σ NLL / Σ tokens of each length by itself, half of either. */
  private static Map<Rescaling, Double> geometricMeans(Path run, List<String> documents) {
    Map<Rescaling, Map<Integer, List<DocumentScore>>> scores = new HashMap<>();
    Runs.evaluationsOf(run)
        .map(Runs.Scored::of)
        .filter(evaluation -> documents.contains(evaluation.task().documentId()))
        .forEach(
            evaluation ->
                scores
                    .computeIfAbsent(evaluation.task().rescaling(), none -> new HashMap<>())
                    .computeIfAbsent(
                        evaluation.task().protocol().length(), none -> new ArrayList<>())
                    .add(evaluation.score()));
    Map<Rescaling, Double> means = new HashMap<>();
    scores.forEach(
        (rescaling, byLength) -> {
          assertThat(byLength).containsOnlyKeys(TARGET, TinyWorld.WINDOW);
          double logs = 0;
          for (List<DocumentScore> ofLength : byLength.values()) {
            logs += Math.log(DocumentScore.perplexity(ofLength));
          }
          means.put(rescaling, Math.exp(logs / 2));
        });
    return means;
  }

  private static List<String> documents(Path run) {
    List<String> documents = new ArrayList<>();
    Runs.json(run.resolve("run.json"))
        .at("/subject/documents")
        .forEach(document -> documents.add(document.asText()));
    return documents;
  }

  private static Rescaling rescaling(FactorSet set) {
    return new Rescaling(set.factors(), set.startTokens(), set.attentionFactor());
  }

  @Test
  void plan_measuresADocumentAtBothLengths_andKeepsBothTogether() {
    RunInputs subject =
        new RunInputs(
            "model",
            null,
            "data",
            new RopeGeometry(8, 10_000, TinyWorld.WINDOW),
            null,
            true,
            QueryScales.NONE,
            null,
            List.of("a", "b", "c"),
            List.of("d"));
    EvaluationPlan plan = new EvaluationPlan(PAPER, subject);
    Rescaling rescaling = new Rescaling(RescaleFactors.of(1, 2, 3, 4), 0, 1);
    Proposal second =
        new Proposal(0, Candidate.of(new int[] {100, 200, 300, 400}, 0), List.of(1, 2));

    assertThat(plan.measured(rescaling, second).objective())
        .containsExactly(
            new EvaluationTask(rescaling, "b", new Protocol.Truncated(TARGET)),
            new EvaluationTask(rescaling, "b", new Protocol.Truncated(TinyWorld.WINDOW)),
            new EvaluationTask(rescaling, "c", new Protocol.Truncated(TARGET)),
            new EvaluationTask(rescaling, "c", new Protocol.Truncated(TinyWorld.WINDOW)));
    assertThat(plan.searched(rescaling)).hasSize(6);
    assertThat(plan.heldOut(rescaling)).hasSize(2);
    assertThat(plan.tasks()).hasSize(8);
    assertThat(plan.protocols()).hasSize(2);
  }

  @Test
  void found_hasTheLeastGeometricMeanOfBothPerplexities() throws IOException {
    Map<Rescaling, Double> means = geometricMeans(searched, documents(searched));
    double least = Collections.min(means.values());
    FactorSet found = FactorFile.read(searched.resolve("factors.json"), warning -> {}).longest();
    assertThat(means.get(rescaling(found))).isCloseTo(least, within(1e-12 * least));
    JsonNode provenance = Runs.json(searched.resolve("factors.json")).at("/longrope/provenance");
    assertThat(provenance.path("perplexity").asDouble()).isCloseTo(least, within(1e-12 * least));
    assertThat(provenance.path("protocol").asText()).isEqualTo("truncated(128), truncated(32)");

    JsonNode methods = Runs.json(searched.resolve("summary.json")).path("methods");
    JsonNode last = methods.get(methods.size() - 1);
    assertThat(last.path("target_perplexity").asDouble()).isCloseTo(least, within(1e-12 * least));
    // The other objective finds what is better at long texts alone.
    Path plain = directory.resolve("plain");
    Runs.run(
        plain,
        Runs.minimising(Objective.PERPLEXITY, TARGET, PAPER),
        Runs.local(LongAndShortTest::tornBetween));
    assertThat(FactorFile.read(plain.resolve("factors.json"), warning -> {}).longest().factors())
        .isNotEqualTo(found.factors());
    assertThat(files(plain)).noneMatch(file -> file.startsWith("front"));
    assertThat(Runs.json(plain.resolve("summary.json")).has("front")).isFalse();
  }

  @Test
  void front_isOfAllThatWasReadOnAllDocuments_andItsFactorsAreFiles() throws IOException {
    JsonNode front = Runs.json(searched.resolve("summary.json")).path("front");
    assertThat(front).hasSizeGreaterThan(2);
    for (int i = 1; i < front.size(); i++) {
      assertThat(front.get(i).path("target_perplexity").asDouble())
          .isGreaterThan(front.get(i - 1).path("target_perplexity").asDouble());
      assertThat(front.get(i).path("original_perplexity").asDouble())
          .isLessThan(front.get(i - 1).path("original_perplexity").asDouble());
    }
    // Nothing reads short texts better than a model that is left as it was.
    assertThat(front.get(front.size() - 1).path("method").asText()).isEqualTo("none");
    assertThat(front.findValuesAsText("method")).containsOnlyOnce("found");

    Map<Rescaling, Double> means = geometricMeans(searched, documents(searched));
    List<String> named = front.findValuesAsText("file");
    assertThat(files(searched)).contains("front.png").containsAll(named);
    assertThat(named).hasSizeLessThanOrEqualTo(12).startsWith("front-1.json");
    for (JsonNode one : front) {
      if (one.has("file")) {
        Path file = searched.resolve(one.path("file").asText());
        FactorSet set = FactorFile.read(file, warning -> {}).longest();
        assertThat(set.targetLength()).isEqualTo(TARGET);
        double product =
            one.path("target_perplexity").asDouble() * one.path("original_perplexity").asDouble();
        assertThat(means.get(rescaling(set))).isCloseTo(Math.sqrt(product), within(1e-9 * product));
        assertThat(Runs.json(file).at("/longrope/provenance/target_perplexity"))
            .isEqualTo(one.path("target_perplexity"));
      }
    }
    assertThat(summary)
        .startsWith(
            "Geometric mean of long and short perplexity in 2 documents at 128 tokens, in 2")
        .contains("long-short ppl at 128")
        .contains(
            String.format("Long against short: %d of %d rescalings", front.size(), means.size()))
        .containsPattern("front-\\d+\\.json +\\* found");
  }

  @Test
  void interruptedAndResumed_endsLikeTheUnbrokenSearch() throws IOException {
    for (SearchSettings settings : List.of(PAPER, FAST)) {
      String name = settings == PAPER ? "paper-" : "fast-";
      Path whole = directory.resolve(name + "whole");
      String expected = Runs.run(whole, settings, dyingAfter(-1, 0));
      int all = Runs.evaluations(whole).size();
      for (int n = 0; n < all; n += 1 + all / 6) {
        Path run = directory.resolve(name + n);
        TaskExecutor dying = dyingAfter(n, n);
        assertThatThrownBy(() -> Runs.run(run, settings, dying)).hasMessage("killed");
        assertThat(RunStatus.of(open(run)).toText(Instant.now())).contains("to go");
        TaskExecutor rest = dyingAfter(-1, n + 1);
        assertThat(Runs.resume(run, rest)).isEqualTo(expected);
        assertLike(whole, run);
      }
    }
  }

  @Test
  void evaluationsToGo_areThoseThatAreDoneInTheEnd_orMore() {
    SearchRun.begin(
        PAPER,
        RunDirectory.create(directory.resolve("begun").toString(), Runs.HADOOP),
        Runs.HADOOP);
    RunStatus begun = RunStatus.of(open(directory.resolve("begun")));
    int done = Runs.evaluations(searched).size();
    // Some candidates are baselines too.
    assertThat(begun.state().toGo()).isBetween((long) done, (long) done + 8 * 4);
    Map<Integer, Double> passes = PAPER.passes(2, TinyWorld.WINDOW);
    assertThat(passes).containsOnlyKeys(TARGET, TinyWorld.WINDOW);
    assertThat(passes.get(TinyWorld.WINDOW)).isEqualTo(passes.get(TARGET));
  }

  @Test
  void trajectory_countsBothLengths_andEndsWithWhatWasFound() {
    Trajectory trajectory = Trajectory.of(open(searched));
    Set<Rescaling> candidates =
        Runs.log(open(searched)).entries().stream()
            .filter(LogEntry.Decided.class::isInstance)
            .map(entry -> ((LogEntry.Decided) entry).proposal().candidate())
            .map(candidate -> BegunRun.read(open(searched)).tasks(candidate).get(0).rescaling())
            .collect(Collectors.toSet());
    assertThat(trajectory.evaluatedTokens())
        .isEqualTo(2L * (TARGET + TinyWorld.WINDOW) * candidates.size());
    Trajectory.Incumbent last = trajectory.incumbents().get(trajectory.incumbents().size() - 1);
    assertThat(last.rescaling())
        .isEqualTo(
            rescaling(FactorFile.read(searched.resolve("factors.json"), warning -> {}).longest()));
  }

  @Test
  void ledger_answersBothLengths() {
    Path ledger = directory.resolve("ledger");
    List<EvaluationTask> evaluated = new ArrayList<>();
    for (String name : List.of("with-ledger", "from-ledger")) {
      evaluated.clear();
      SearchRun run =
          SearchRun.begin(
              PAPER,
              ledger.toString(),
              RunDirectory.create(directory.resolve(name).toString(), Runs.HADOOP),
              Runs.HADOOP);
      TaskExecutor counting =
          Runs.local(
              task -> {
                evaluated.add(task);
                return tornBetween(task);
              });
      assertThat(run.execute(counting, Runs.SURROGATE, RunListener.SILENT)).isEqualTo(summary);
    }
    // One evaluation shows that the evaluators are those of the ledger.
    assertThat(evaluated).hasSize(1);
  }

  @Test
  void rejectionAtTheShortLength_rejectsTheCandidate() {
    Path run = directory.resolve("rejecting");
    Runs.run(
        run,
        PAPER,
        Runs.local(
            task ->
                task.protocol().length() == TinyWorld.WINDOW && task.rescaling().startTokens() > 0
                    ? new TaskResult.Rejected<>(task, "no number")
                    : tornBetween(task)));
    assertThat(FactorFile.read(run.resolve("factors.json"), warning -> {}).longest().startTokens())
        .isZero();
    JsonNode front = Runs.json(run.resolve("summary.json")).path("front");
    assertThat(front).isNotEmpty();
    assertThat(front.findValuesAsText("start_tokens")).containsOnly("0");
  }

  /** With a real model and the commands that people use. */
  @Test
  void run_isShownReportedMeasuredAndExported() {
    Path output = directory.resolve("real");
    SearchRun run =
        SearchRun.begin(PAPER, RunDirectory.create(output.toString(), Runs.HADOOP), Runs.HADOOP);
    try (Runs.OpenWorker worker = Runs.worker(run)) {
      run.execute(Runs.local(worker::execute), Runs.SURROGATE, RunListener.SILENT);
    }
    Captured status = Captured.run("status", output);
    assertThat(status.out())
        .containsPattern("best +geometric mean of long and short perplexity \\d");
    Path report = directory.resolve("report");
    Captured reported = Captured.run("report", output, "--output", report);
    assertThat(reported.exitCode()).as(reported.err()).isZero();
    assertThat(report.resolve("front.png")).isNotEmptyFile();
    assertThat(Runs.text(report.resolve("report.html")).replaceAll("<[^>]*>", ""))
        .contains("geometric mean of long and short perplexity, found factors")
        .contains("no other is as good at both lengths as one on the front");

    JsonNode first = Runs.json(output.resolve("summary.json")).path("front").get(0);
    Path factors = output.resolve(first.path("file").asText());
    Path config = directory.resolve("config.json");
    Captured exported =
        Captured.run(
            "export",
            "--format=hf",
            "--factors",
            factors,
            "--model",
            WORLD.model(),
            "--output",
            config);
    assertThat(exported.exitCode()).as(exported.err()).isZero();
    assertThat(config).isNotEmptyFile();
    Path measured = directory.resolve("measured.json");
    Captured perplexity =
        Captured.run(
            "perplexity",
            "--master=local[1]",
            "--model",
            WORLD.model(),
            "--data",
            WORLD.data(),
            "--length=128",
            "--factors",
            factors,
            "--json",
            measured);
    assertThat(perplexity.exitCode()).as(perplexity.err()).isZero();
    List<String> searchedOn = documents(output);
    double nll = 0;
    long tokens = 0;
    for (JsonNode document : Runs.json(measured).path("results").get(0).path("documents")) {
      if (searchedOn.contains(document.path("id").asText())) {
        nll += document.path("nll").asDouble();
        tokens += document.path("tokens").asLong();
      }
    }
    double expected = first.path("target_perplexity").asDouble();
    assertThat(Math.exp(nll / tokens)).isCloseTo(expected, within(1e-6 * expected));
  }

  @Test
  void targetWithinTheWindow_isRefusedInOneSentence() {
    Path output = directory.resolve("refused");
    Captured run =
        Captured.run(
            "search",
            "--master=local[1]",
            "--model=" + WORLD.model(),
            "--data=" + WORLD.data(),
            "--output=" + output,
            "--target-length=32",
            "--max-factor=2",
            "--objective=long-and-short");
    assertThat(run.errors()).as(run.err()).hasSize(1);
    assertThat(run.exitCode()).isEqualTo(2);
    assertThat(run.err())
        .contains(
            "--target-length 32 is not beyond the model's original window of 32 tokens: expected"
                + " more for --objective long-and-short");
    assertThat(output).doesNotExist();
  }
}
