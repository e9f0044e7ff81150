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
import org.longrope.driver.store.Versions;
import org.longrope.eval.AtomicFile;

/** Text, JSON, CSV and plots of a comparison. */
public final class ComparisonReport {
  static final String TABLE = "comparison.txt";
  static final String TRAJECTORIES = "trajectories.csv";
  static final String PLOT = ".png";

  private final ComparisonPlan plan;
  private final List<ProblemRuns> problemRuns;
  private final List<RunResult> results;
  private final Comparison comparison;
  private final ObjectNode provenance;

  /**
   * Reports the runs of a plan.
   *
   * @param problemRuns in the order of the tables
   * @param results of finished runs, those of the reference included
   */
  ComparisonReport(ComparisonPlan plan, List<ProblemRuns> problemRuns, List<RunResult> results) {
    this.plan = plan;
    this.problemRuns = List.copyOf(problemRuns);
    this.results = List.copyOf(results);
    comparison = Comparison.of(results, plan.strategies(), plan.reference());
    provenance = provenance();
  }

  /** Returns a table for each problem. */
  public String toText() {
    return ComparisonText.of(comparison, problemRuns, plan.reference());
  }

  /** Returns the rows of the comparison and their provenance. */
  public ObjectNode toJson() {
    ObjectNode json = JsonNodeFactory.instance.objectNode();
    json.set("rows", comparison.toJson());
    json.set("provenance", provenance.deepCopy());
    return json;
  }

  private ObjectNode provenance() {
    ObjectNode json = JsonNodeFactory.instance.objectNode();
    json.put("reference", plan.reference());
    for (ProblemRuns problemRun : problemRuns) {
      PreparedProblem prepared = problemRun.prepared();
      ObjectNode one = json.withObjectProperty("problems").putObject(prepared.problem().name());
      one.put("model", prepared.problem().model())
          .put("model_sha256", prepared.modelHash())
          .put("data", prepared.problem().data())
          .put("partition_sha256", prepared.dataHash())
          .put("held_out", prepared.problem().heldOut())
          .put("held_out_partition_sha256", prepared.heldOutHash())
          .put("held_out_documents", prepared.heldOut().size())
          .put("held_out_dtype", problemRun.computeType())
          .put("target_length", prepared.problem().targetLength());
      problemRun
          .methods()
          .forEach(
              (name, value) ->
                  one.withObjectProperty("held_out_perplexity")
                      .put(name, Comparison.finite(value)));
      for (RunResult result : results) {
        if (result.problem().equals(prepared.problem().name())) {
          ObjectNode strategy =
              one.withObjectProperty("strategies").withObjectProperty(result.strategy());
          strategy.set("settings", problemRun.settings(result.strategy()));
          strategy
              .withObjectProperty("evaluated_tokens")
              .put(Integer.toString(result.seed()), result.evaluatedTokens());
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
    for (RunResult result : results) {
      for (RunResult.Point point : result.points()) {
        table.add(
            result.problem(),
            result.strategy(),
            result.seed(),
            point.evaluatedTokens(),
            point.searchPerplexity(),
            point.heldOutPerplexity());
      }
    }
    return table.toCsv();
  }

  private byte[] plot(ProblemRuns problemRun) {
    String problem = problemRun.prepared().problem().name();
    Map<String, List<TokensPlot.Course>> lines = new LinkedHashMap<>();
    for (RunResult result : results) {
      if (result.problem().equals(problem)) {
        lines.computeIfAbsent(result.strategy(), none -> new ArrayList<>()).add(course(result));
      }
    }
    Map<String, Double> levels = new LinkedHashMap<>(problemRun.methods());
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
            problemRun.prepared().problem().targetLength());
    return TokensPlot.png(
        title,
        lines.entrySet().stream()
            .map(line -> new TokensPlot.Line(line.getKey(), line.getValue()))
            .toList(),
        levels);
  }

  private static TokensPlot.Course course(RunResult result) {
    List<RunResult.Point> measured = result.measured();
    double[] tokens = measured.stream().mapToDouble(RunResult.Point::evaluatedTokens).toArray();
    double[] perplexity = new double[tokens.length];
    for (int i = 0; i < tokens.length; i++) {
      Double value = measured.get(i).heldOutPerplexity();
      perplexity[i] = value == null ? Double.NaN : value;
    }
    return new TokensPlot.Course(result.seed(), tokens, perplexity, result.evaluatedTokens());
  }

  /** Writes table, trajectories and plots into the directory. */
  void write(Path directory) {
    write(directory.resolve(TABLE), toText().getBytes(StandardCharsets.UTF_8));
    write(directory.resolve(TRAJECTORIES), toCsv().getBytes(StandardCharsets.UTF_8));
    for (ProblemRuns problemRun : problemRuns) {
      String problem = problemRun.prepared().problem().name();
      if (results.stream().anyMatch(result -> result.problem().equals(problem))) {
        write(directory.resolve(problem + PLOT), plot(problemRun));
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
