package org.longrope.driver.run.results;

import com.fasterxml.jackson.databind.node.ArrayNode;
import com.fasterxml.jackson.databind.node.ObjectNode;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.stream.Collectors;
import org.jspecify.annotations.Nullable;
import org.longrope.driver.execution.EvaluationTask;
import org.longrope.driver.execution.TaskResult;
import org.longrope.driver.factors.FactorFile;
import org.longrope.driver.factors.FactorSet;
import org.longrope.driver.factors.Provenance;
import org.longrope.driver.report.plot.ConvergencePlot;
import org.longrope.driver.report.plot.FactorPlot;
import org.longrope.driver.report.plot.GenerationSummary;
import org.longrope.driver.report.table.Numbers;
import org.longrope.driver.run.problem.ExtensionProblem;
import org.longrope.driver.run.replay.BegunRun;
import org.longrope.driver.run.replay.EvaluationPlan;
import org.longrope.driver.run.replay.Evaluations;
import org.longrope.driver.run.replay.RunDirectory;
import org.longrope.driver.run.replay.RunInputs;
import org.longrope.driver.run.settings.SearchSettings;
import org.longrope.driver.store.Versions;
import org.longrope.eval.perplexity.Protocol;
import org.longrope.eval.rope.RescaleFactors;
import org.longrope.eval.rope.Rescaling;
import org.longrope.search.GenerationStats;
import org.longrope.search.ScreeningStats;
import org.longrope.search.SearchStrategy;

/** Result files of a run: the factors with their provenance, the table and the plots. */
public final class RunResults {
  private final SearchSettings settings;
  private final RunInputs subject;
  private final EvaluationPlan plan;
  private final RunDirectory directory;
  private final Evaluations evaluations;

  public RunResults(BegunRun run, Evaluations evaluations) {
    settings = run.settings();
    subject = run.inputs();
    plan = run.plan();
    directory = run.directory();
    this.evaluations = evaluations;
  }

  /** Writes factors.json, which is done whenever the best changes. */
  public void writeFactors(SearchResult found) {
    ObjectNode provenance = provenance(found.rescaling());
    provenance.put("perplexity", found.perplexity());
    write(RunDirectory.FACTORS, found.rescaling(), provenance);
  }

  private void write(String name, Rescaling rescaling, ObjectNode provenance) {
    directory.write(
        name,
        FactorFile.print(
            FactorSet.of(rescaling, subject.rope(), settings.targetLength(), provenance)
                .withAttentionWindow(settings.attentionWindow())));
  }

  private ObjectNode provenance(Rescaling measured) {
    ObjectNode provenance = subject.toJson();
    provenance.put(
        "protocol",
        plan.protocols().stream().map(Protocol::toString).collect(Collectors.joining(", ")));
    ArrayNode types = provenance.putArray("compute_dtypes");
    evaluations
        .tasks()
        .filter(task -> task.rescaling().equals(measured))
        .map(evaluations::get)
        .filter(TaskResult.Completed.class::isInstance)
        .map(result -> ((TaskResult.Completed<?>) result).computeType())
        .distinct()
        .sorted()
        .forEach(types::add);
    provenance.set("settings", settings.toJson());
    provenance.set("versions", Versions.toJson());
    return provenance;
  }

  /**
   * Writes table and plots.
   *
   * @param methods baselines and the result, in the order of the table
   * @param needsNone whether the result is no rescaling
   * @param baselines perplexity of the methods to beat, by name
   * @param strategy that is finished
   */
  public void write(
      Map<String, Rescaling> methods,
      boolean needsNone,
      Map<String, Double> baselines,
      SearchStrategy strategy) {
    SummaryTable table = table(methods);
    ObjectNode json = table.toJson();
    String worth = strategy.screening().map(stats -> worth(stats, json)).orElse("");
    String more =
        needsNone(needsNone, json)
            + gain(methods, json)
            + window(methods, json)
            + worth
            + front(methods, json);
    json.set(
        "provenance",
        Provenance.published(provenance(methods.getOrDefault(TradeOff.FOUND, first(methods)))));
    directory.write(RunDirectory.SUMMARY_TEXT, heading() + table.toTable().toText() + more);
    directory.write(RunDirectory.SUMMARY_JSON, json.toPrettyString() + "\n");
    directory.write(
        RunDirectory.CONVERGENCE_PLOT,
        ConvergencePlot.png(
            summaries(strategy.generations()),
            plotted(baselines),
            settings.objective().quantity(),
            settings.targetLength()));
    Map<String, RescaleFactors> curves = new LinkedHashMap<>();
    plotted(methods).forEach((name, rescaling) -> curves.put(name, rescaling.factors()));
    curves.remove("none");
    directory.write(
        RunDirectory.FACTOR_PLOT,
        FactorPlot.png(
            methods.getOrDefault(TradeOff.FOUND, first(methods)),
            curves,
            subject.rope(),
            settings.targetLength()));
  }

  private String needsNone(boolean needsNone, ObjectNode json) {
    if (!needsNone) {
      return "";
    }
    String sentence = SearchResult.needsNone(settings, subject);
    json.put(RunDirectory.NEEDS_NO_RESCALING, sentence);
    return sentence + System.lineSeparator();
  }

  private static String worth(ScreeningStats surrogate, ObjectNode json) {
    json.putObject("surrogate")
        .put("rank_correlation", surrogate.rankCorrelation())
        .put("generations", surrogate.generations())
        .put("screened", surrogate.screened());
    return String.format(
        Locale.ROOT,
        "The surrogate ranked %s with a correlation of %.2f, and screened %d of them.%n",
        Numbers.counted(surrogate.generations(), "generation"),
        surrogate.rankCorrelation(),
        surrogate.screened());
  }

  /** Compares the found factors with the best of the others on held-out documents. */
  private String gain(Map<String, Rescaling> methods, ObjectNode json) {
    Rescaling found = methods.get(TradeOff.FOUND);
    if (found == null || subject.heldOut().isEmpty()) {
      return "";
    }
    Map<String, List<EvaluationTask>> others = new LinkedHashMap<>();
    methods.forEach(
        (name, rescaling) -> {
          // No rescaling has two names where it is the result.
          if (!rescaling.equals(found)) {
            others.put(name, plan.heldOut(rescaling));
          }
        });
    return others.entrySet().stream()
        .min(Comparator.comparingDouble(other -> evaluations.perplexity(other.getValue())))
        .flatMap(
            best ->
                PairedGain.of(plan.heldOut(found), best.getValue(), evaluations)
                    .map(
                        gain -> {
                          json.set("held_out_gain", gain.toJson(best.getKey()));
                          boolean noneIsBetter =
                              best.getKey().equals(ExtensionProblem.NONE) && gain.difference() > 0;
                          return "On held-out documents "
                              + (found.equals(methods.get(ExtensionProblem.NONE))
                                  ? ExtensionProblem.NONE
                                  : TradeOff.FOUND)
                              + " is "
                              + gain.against(best.getKey())
                              + (noneIsBetter
                                  ? ": this model may need no rescaling at this length."
                                  : ".")
                              + System.lineSeparator();
                        }))
        .orElse("");
  }

  /** Says what the query scales of the result do to texts within the original window. */
  private String window(Map<String, Rescaling> methods, ObjectNode json) {
    Rescaling found = methods.get(TradeOff.FOUND);
    if (found == null || found.queryScales().isNone()) {
      return "";
    }
    WindowChange change = WindowChange.of(plan.originalWindow(found.queryScales()), evaluations);
    json.set("query_scales_at_original_window", change.toJson());
    return change.toText(subject.rope().originalWindow());
  }

  /** Writes the front of a search that weighs long against short, and returns its table. */
  private String front(Map<String, Rescaling> methods, ObjectNode json) {
    List<TradeOff> tradeOffs = TradeOffs.of(settings, plan::searched, evaluations, methods);
    if (tradeOffs.isEmpty()) {
      return "";
    }
    ParetoFront front =
        ParetoFront.of(settings.targetLength(), subject.rope().originalWindow(), tradeOffs);
    List<TradeOff> shown = front.shown();
    for (int i = 0; i < shown.size(); i++) {
      TradeOff one = shown.get(i);
      ObjectNode provenance = provenance(one.rescaling());
      provenance.put("target_perplexity", one.longPerplexity());
      provenance.put("original_perplexity", one.shortPerplexity());
      write(ParetoFront.file(i + 1), one.rescaling(), provenance);
    }
    directory.write(RunDirectory.FRONT_PLOT, front.toPng());
    json.set("front", front.toJson());
    return front.toText();
  }

  /**
   * Summarises the generations in which a candidate has a score, beginning with the first in which
   * one was scored on all documents.
   */
  static List<GenerationSummary> summaries(List<GenerationStats> generations) {
    List<GenerationSummary> summaries = new ArrayList<>();
    double best = Double.POSITIVE_INFINITY;
    for (GenerationStats stats : generations) {
      best = Math.min(best, stats.best().orElse(best));
      if (stats.median().isPresent() && best < Double.POSITIVE_INFINITY) {
        summaries.add(
            new GenerationSummary(
                stats.generation(),
                best,
                stats.median().getAsDouble(),
                stats.evaluations(),
                stats.rejected()));
      }
    }
    return summaries;
  }

  private static Rescaling first(Map<String, Rescaling> methods) {
    return methods.values().iterator().next();
  }

  /**
   * Returns the methods as published. Variants with the attention factor of the search would only
   * crowd a plot.
   */
  static <T> Map<String, T> plotted(Map<String, T> byName) {
    Map<String, T> plain = new LinkedHashMap<>();
    byName.forEach(
        (name, value) -> {
          if (!name.contains(",") && !name.equals(TradeOff.FOUND)) {
            plain.put(name, value);
          }
        });
    return plain;
  }

  private String heading() {
    return settings
            .objective()
            .comparison(
                String.format(
                    Locale.ROOT,
                    "%s at %,d tokens",
                    Numbers.counted(subject.documents().size(), "document"),
                    settings.targetLength()),
                Numbers.counted(subject.heldOut().size(), "other") + " (held out)",
                String.format(
                    Locale.ROOT,
                    "all at the original window of %,d",
                    subject.rope().originalWindow()))
        + System.lineSeparator();
  }

  private SummaryTable table(Map<String, Rescaling> methods) {
    List<SummaryTable.Row> rows = new ArrayList<>();
    methods.forEach(
        (name, rescaling) ->
            rows.add(
                new SummaryTable.Row(
                    name,
                    rescaling.factors(),
                    rescaling.startTokens(),
                    rescaling.attentionFactor(),
                    perplexity(plan.searched(rescaling)),
                    perplexity(plan.heldOut(rescaling)),
                    perplexity(plan.originalWindow(rescaling)))));
    return new SummaryTable(
        settings.targetLength(),
        subject.rope().originalWindow(),
        settings.objective().column(),
        rows);
  }

  private @Nullable Double perplexity(List<EvaluationTask> tasks) {
    return tasks.isEmpty() ? null : evaluations.perplexity(tasks);
  }
}
