package org.longrope.driver.lab.strategies;

import com.fasterxml.jackson.databind.node.JsonNodeFactory;
import com.fasterxml.jackson.databind.node.ObjectNode;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.stream.Stream;
import org.longrope.driver.report.plot.TokensPlot;
import org.longrope.driver.report.table.Column;
import org.longrope.driver.report.table.Table;
import org.longrope.driver.run.replay.Versions;
import org.longrope.eval.AtomicFile;

/** What is finished, as people and programs read it. */
public final class ComparisonReport {
  static final String TABLE = "comparison.txt";
  static final String TRAJECTORIES = "trajectories.csv";
  static final String PLOT = ".png";

  private final ComparisonPlan plan;
  private final List<ProblemRuns> contests;
  private final List<RunResult> trials;
  private final Comparison comparison;
  private final ObjectNode provenance;

  /**
   * @param contests in the order of the tables
   * @param trials those that are finished, the reference's among them
   */
  ComparisonReport(ComparisonPlan plan, List<ProblemRuns> contests, List<RunResult> trials) {
    this.plan = plan;
    this.contests = List.copyOf(contests);
    this.trials = List.copyOf(trials);
    comparison = Comparison.of(trials, plan.strategies(), plan.reference());
    provenance = provenance();
  }

  /** A table for each problem. */
  public String toText() {
    return ComparisonText.of(comparison, contests, plan.reference());
  }

  /** Rows of the comparison, and what they were measured with. */
  public ObjectNode toJson() {
    ObjectNode json = JsonNodeFactory.instance.objectNode();
    json.set("rows", comparison.toJson());
    json.set("provenance", provenance.deepCopy());
    return json;
  }

  private ObjectNode provenance() {
    ObjectNode json = JsonNodeFactory.instance.objectNode();
    json.put("reference", plan.reference());
    for (ProblemRuns contest : contests) {
      PreparedProblem ground = contest.ground();
      ObjectNode one = json.withObjectProperty("problems").putObject(ground.problem().name());
      one.put("model", ground.problem().model())
          .put("model_sha256", ground.modelHash())
          .put("data", ground.problem().data())
          .put("partition_sha256", ground.dataHash())
          .put("held_out", ground.problem().heldOut())
          .put("held_out_partition_sha256", ground.heldOutHash())
          .put("held_out_documents", ground.heldOut().size())
          .put("held_out_dtype", contest.computeType())
          .put("target_length", ground.problem().targetLength());
      contest
          .methods()
          .forEach(
              (name, value) ->
                  one.withObjectProperty("held_out_perplexity")
                      .put(name, Comparison.finite(value)));
      for (RunResult trial : trials) {
        if (trial.problem().equals(ground.problem().name())) {
          ObjectNode strategy =
              one.withObjectProperty("strategies").withObjectProperty(trial.strategy());
          strategy.set("settings", contest.settings(trial.strategy()));
          strategy
              .withObjectProperty("evaluated_tokens")
              .put(Integer.toString(trial.seed()), trial.evaluatedTokens());
        }
      }
    }
    for (Comparison.Row row : comparison.rows()) {
      ObjectNode coverage = json.withObjectProperty("interval_coverage_by_seeds");
      coverage.put(Integer.toString(row.seeds()), row.finalPerplexity().coverage());
    }
    json.set("versions", Versions.toJson());
    return json;
  }

  /**
   * Returns every incumbent of every search; what was not measured on held-out documents is empty.
   */
  String toCsv() {
    Table table =
        new Table(
            Stream.of(
                    "problem",
                    "strategy",
                    "seed",
                    "evaluated_tokens",
                    "search_perplexity",
                    "held_out_perplexity")
                .map(Column::text)
                .toList());
    for (RunResult trial : trials) {
      for (RunResult.Point point : trial.points()) {
        table.add(
            trial.problem(),
            trial.strategy(),
            trial.seed(),
            point.evaluatedTokens(),
            point.searchPerplexity(),
            point.heldOutPerplexity());
      }
    }
    return table.toCsv();
  }

  private byte[] plot(ProblemRuns contest) {
    String problem = contest.ground().problem().name();
    Map<String, List<TokensPlot.Course>> lines = new LinkedHashMap<>();
    for (RunResult trial : trials) {
      if (trial.problem().equals(problem)) {
        lines.computeIfAbsent(trial.strategy(), none -> new ArrayList<>()).add(course(trial));
      }
    }
    Map<String, Double> levels = new LinkedHashMap<>(contest.methods());
    comparison.rows().stream()
        .filter(row -> row.problem().equals(problem))
        .flatMap(row -> Stream.ofNullable(row.referencePerplexity()))
        .findFirst()
        .ifPresent(end -> levels.put(plan.reference() + " in the end", end));
    String title =
        String.format(
            Locale.ROOT,
            "%s: perplexity of held-out documents at %,d tokens",
            problem,
            contest.ground().problem().targetLength());
    return TokensPlot.png(
        title,
        lines.entrySet().stream()
            .map(line -> new TokensPlot.Line(line.getKey(), line.getValue()))
            .toList(),
        levels);
  }

  private static TokensPlot.Course course(RunResult trial) {
    List<RunResult.Point> measured = trial.measured();
    double[] tokens = measured.stream().mapToDouble(RunResult.Point::evaluatedTokens).toArray();
    double[] perplexity = new double[tokens.length];
    for (int i = 0; i < tokens.length; i++) {
      Double value = measured.get(i).heldOutPerplexity();
      perplexity[i] = value == null ? Double.NaN : value;
    }
    return new TokensPlot.Course(trial.seed(), tokens, perplexity, trial.evaluatedTokens());
  }

  /** Writes table, trajectories and plots into the directory. */
  void write(Path directory) {
    write(directory.resolve(TABLE), toText().getBytes(StandardCharsets.UTF_8));
    write(directory.resolve(TRAJECTORIES), toCsv().getBytes(StandardCharsets.UTF_8));
    for (ProblemRuns contest : contests) {
      String problem = contest.ground().problem().name();
      if (trials.stream().anyMatch(trial -> trial.problem().equals(problem))) {
        write(directory.resolve(problem + PLOT), plot(contest));
      }
    }
  }

  private static void write(Path file, byte[] content) {
    try {
      AtomicFile.write(file, content);
    } catch (IOException e) {
      throw new UncheckedIOException("Cannot write " + file, e);
    }
  }
}
