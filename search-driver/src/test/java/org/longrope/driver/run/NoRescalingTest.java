package org.longrope.driver.run;

import static org.assertj.core.api.Assertions.assertThat;

import com.fasterxml.jackson.databind.JsonNode;
import java.io.IOException;
import java.nio.file.Path;
import java.time.Instant;
import java.util.List;
import java.util.Set;
import java.util.stream.Stream;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;
import org.longrope.driver.TinyWorld;
import org.longrope.driver.execution.EvaluationTask;
import org.longrope.driver.execution.TaskExecutor;
import org.longrope.driver.execution.TaskResult;
import org.longrope.driver.factors.FactorFile;
import org.longrope.driver.factors.FactorSet;
import org.longrope.driver.report.html.Report;
import org.longrope.driver.run.replay.BegunRun;
import org.longrope.driver.run.replay.LogEntry;
import org.longrope.driver.run.replay.RunDirectory;
import org.longrope.driver.run.results.RunStatus;
import org.longrope.driver.run.settings.SearchSettings;
import org.longrope.eval.decoder.AttentionWindow;
import org.longrope.eval.perplexity.DocumentScore;
import org.longrope.eval.rope.RescaleFactors;
import org.longrope.eval.rope.Rescaling;
import org.longrope.search.StrategyConfig;
import org.longrope.search.cmaes.CmaEsConfig;
import org.longrope.search.genetic.GeneticConfig;

/** A model that reads long texts best as it is. */
class NoRescalingTest {
  private static final TinyWorld WORLD = TinyWorld.shared();
  private static final StrategyConfig PAPER = new GeneticConfig(6, 3, 2, 2, 2, 0.5, 3);
  private static final StrategyConfig FAST = new CmaEsConfig(4, 60, Set.of(), false, 3);
  private static final String SENTENCE =
      "This model needs no rescaling at 128 tokens: nothing has a lower perplexity than none on the"
          + " documents of the search.";

  @TempDir static Path directory;

  static Stream<StrategyConfig> plans() {
    return Stream.of(PAPER, FAST);
  }

  @BeforeAll
  static void searchOnce() {
    plans().forEach(plan -> Runs.run(run(plan), settings(plan), scorer(0)));
  }

  private static Path run(StrategyConfig plan) {
    return directory.resolve(plan == FAST ? "fast" : "paper");
  }

  private static SearchSettings settings(StrategyConfig plan) {
    return Runs.settings(WORLD.model(), WORLD.data(), plan, 2, 3);
  }

  /**
   * Answers that grow with every factor and with the attention factor's distance from 1.
   *
   * @param heldOutWish of a factor's logarithm on documents that are not searched on
   */
  private static TaskExecutor scorer(double wish) {
    return Runs.local(task -> evaluation(task, wish));
  }

  private static TaskResult<DocumentScore> evaluation(EvaluationTask task, double wish) {
    Rescaling rescaling = task.rescaling();
    double nll = 2 + Math.abs(rescaling.attentionFactor() - 1);
    for (double lambda : rescaling.factors().toArray()) {
      nll += Math.abs(StrictMath.log(lambda) - wish);
    }
    long tokens = task.protocol().length() - 1;
    double level = 1 + 0.01 * Math.floorMod(task.documentId().hashCode(), 7);
    return task.completed(
        new DocumentScore(task.documentId(), nll * tokens * level, tokens, 1), "f32", null);
  }

  @ParameterizedTest
  @MethodSource("plans")
  void search_whereNothingBeatsNone_findsNoRescaling(StrategyConfig plan) {
    FactorSet found = FactorFile.read(run(plan).resolve("factors.json"), warning -> {}).longest();

    assertThat(found.factors()).isEqualTo(RescaleFactors.uniform(TinyWorld.PAIRS, 1));
    assertThat(found.attentionFactor()).isEqualTo(1);
    assertThat(found.startTokens()).isZero();
    assertThat(found.attentionWindow()).isEqualTo(AttentionWindow.CONFIG);
  }

  @ParameterizedTest
  @MethodSource("plans")
  void search_whereNothingBeatsNone_saysSoInSummaryStatusAndReport(StrategyConfig plan)
      throws IOException {
    RunDirectory begun = RunDirectory.open(run(plan).toString(), Runs.HADOOP);
    JsonNode summary = Runs.json(run(plan).resolve("summary.json"));

    assertThat(summary.path("needs_no_rescaling").asText()).isEqualTo(SENTENCE);
    assertThat(Runs.text(run(plan).resolve("summary.txt")))
        .contains(SENTENCE + System.lineSeparator() + "On held-out documents none is ")
        .doesNotContain("found is");
    assertThat(RunStatus.of(begun).toText(Instant.now())).contains("result      " + SENTENCE);
    Path report = directory.resolve("report-" + run(plan).getFileName());
    Report.read(run(plan).toString(), List.of(), Runs.HADOOP, warning -> {})
        .write(report.toString(), Runs.HADOOP);
    assertThat(Runs.text(report.resolve("report.html")))
        .contains(SENTENCE, "Serve the model as it is")
        .doesNotContain("--factors");
  }

  @ParameterizedTest
  @MethodSource("plans")
  void search_whateverTheModel_beginsWithNoRescaling(StrategyConfig plan) {
    RunDirectory begun = RunDirectory.open(run(plan).toString(), Runs.HADOOP);
    BegunRun read = BegunRun.read(begun);
    Rescaling first =
        Runs.log(begun).entries().stream()
            .filter(LogEntry.Decided.class::isInstance)
            .map(entry -> read.tasks(((LogEntry.Decided) entry).proposal()))
            .map(tasks -> tasks.objective().get(0).rescaling())
            .findFirst()
            .orElseThrow();

    assertThat(first.factors()).isEqualTo(RescaleFactors.uniform(TinyWorld.PAIRS, 1));
    if (plan == FAST) {
      assertThat(first.attentionFactor()).isEqualTo(1);
    }
  }

  @ParameterizedTest
  @MethodSource("plans")
  void search_thatFindsBetterThanNone_saysNothingOfIt(StrategyConfig plan) {
    Path run = directory.resolve("needed-" + run(plan).getFileName());
    String summary = Runs.run(run, settings(plan), scorer(0.5));

    assertThat(summary).doesNotContain("needs no").contains("On held-out documents found is ");
    assertThat(Runs.json(run.resolve("summary.json")).has("needs_no_rescaling")).isFalse();
    RunDirectory begun = RunDirectory.open(run.toString(), Runs.HADOOP);
    assertThat(RunStatus.of(begun).toText(Instant.now())).doesNotContain("result");
  }

  /** Held-out documents do not decide, and contradict in a sentence. */
  @Test
  void search_whoseFactorsAreWorseThanNoneOnHeldOutDocuments_saysThat() {
    Path run = directory.resolve("overfitted");
    SearchSettings settings = settings(FAST);
    RunDirectory created = RunDirectory.create(run.toString(), Runs.HADOOP);
    SearchRun begun = SearchRun.begin(settings, created, Runs.HADOOP);
    Set<String> searched =
        Set.copyOf(
            BegunRun.read(created)
                .tasks(new Rescaling(RescaleFactors.uniform(TinyWorld.PAIRS, 1), 0, 1))
                .stream()
                .map(EvaluationTask::documentId)
                .toList());
    TaskExecutor scorer =
        Runs.local(task -> evaluation(task, searched.contains(task.documentId()) ? 0.5 : 0));

    String summary = begun.execute(scorer, Runs.SURROGATE, RunListener.SILENT);

    assertThat(summary)
        .doesNotContain("needs no rescaling")
        .containsPattern(
            "On held-out documents found is .* above none .*: this model may need no rescaling at"
                + " this length\\.");
  }
}
