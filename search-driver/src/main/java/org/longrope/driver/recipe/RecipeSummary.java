package org.longrope.driver.recipe;

import com.fasterxml.jackson.annotation.JsonIgnoreProperties;
import com.fasterxml.jackson.annotation.JsonUnwrapped;
import com.fasterxml.jackson.databind.JsonNode;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.TreeSet;
import org.jspecify.annotations.Nullable;
import org.longrope.driver.factors.WholeFile;
import org.longrope.driver.report.table.Column;
import org.longrope.driver.report.table.Numbers;
import org.longrope.driver.report.table.Table;
import org.longrope.driver.store.Versions;
import org.longrope.eval.Json;

/** Summary of a recipe: steps, times and measurements, as summary.json and as a table of text. */
final class RecipeSummary {
  static final String FILE = "summary.json";

  private final Recipe recipe;
  private final Path directory;
  private final Map<Step, StepRecord> records;

  RecipeSummary(Recipe recipe, Path directory, Map<Step, StepRecord> records) {
    this.recipe = recipe;
    this.directory = directory;
    this.records = new LinkedHashMap<>(records);
  }

  /** Content of summary.json. */
  private record Summary(
      String recipe,
      boolean finished,
      List<FinishedStep> steps,
      List<Measured> perplexity,
      JsonNode versions) {}

  /** A step's command and its record. */
  private record FinishedStep(
      String name,
      String command,
      List<String> arguments,
      List<String> needs,
      @JsonUnwrapped @JsonIgnoreProperties("format_version") StepRecord record) {}

  /** A perplexity that a step measured. */
  private record Measured(
      String step, String model, String method, int length, double perplexity, long tokens) {
    String row() {
      return step + ": " + method;
    }
  }

  void write() {
    List<FinishedStep> steps = new ArrayList<>();
    records.forEach(
        (step, record) ->
            steps.add(
                new FinishedStep(
                    step.name(),
                    step.command().toString(),
                    step.arguments(directory, name -> recipe.step(name).result(directory)),
                    List.copyOf(step.needs()),
                    record)));
    boolean finished = records.values().stream().allMatch(StepRecord::isFinished);
    write(
        directory.resolve(FILE),
        new Summary(recipe.name(), finished, steps, measured(), Versions.toJson()));
  }

  /** Writes the steps with their options; the recipe's own words are replaced by their values. */
  static void writeRecipe(Recipe recipe, Path directory) {
    Map<String, Map<String, Object>> steps = new LinkedHashMap<>();
    for (Step step : recipe.steps()) {
      Map<String, Object> one = new LinkedHashMap<>();
      one.put("command", step.command().toString());
      one.putAll(step.options());
      if (step.handOff() != null) {
        one.put("hand-off", step.handOff());
      }
      steps.put(step.name(), one);
    }
    Map<String, Object> whole = new LinkedHashMap<>();
    whole.put("name", recipe.name());
    whole.put("steps", steps);
    write(directory.resolve("recipe.json"), whole);
  }

  private static void write(Path file, Object content) {
    WholeFile.write(file, Json.pretty(content).getBytes(StandardCharsets.UTF_8));
  }

  private List<Measured> measured() {
    List<Measured> all = new ArrayList<>();
    records.forEach(
        (step, record) -> {
          if (step.command() == StepCommand.PERPLEXITY && record.isFinished()) {
            String model = String.join("", step.options().getOrDefault("model", List.of()));
            for (JsonNode result : read(step.result(directory)).path("results")) {
              all.add(
                  new Measured(
                      step.name(),
                      model,
                      result.path("method").asText(),
                      result.path("length").asInt(),
                      result.path("perplexity").asDouble(),
                      result.path("tokens").asLong()));
            }
          }
        });
    return all;
  }

  private static JsonNode read(Path file) {
    try {
      return Json.readObject(Files.readString(file), file.toString(), Json.RESTORE);
    } catch (IOException e) {
      throw new UncheckedIOException("Cannot read " + file, e);
    }
  }

  /** Returns perplexity by length as text: a line for each step and method. */
  String text() {
    List<Measured> all = measured();
    if (all.isEmpty()) {
      return "";
    }
    TreeSet<Integer> lengths = new TreeSet<>();
    all.forEach(one -> lengths.add(one.length()));
    List<Column> columns = new ArrayList<>(List.of(Column.text("")));
    lengths.forEach(length -> columns.add(Column.perplexity(Numbers.count(length)).withWidth(10)));
    Table table = new Table(columns);
    for (String name : all.stream().map(Measured::row).distinct().toList()) {
      List<@Nullable Object> row = new ArrayList<>(List.of(name));
      for (int length : lengths) {
        row.add(
            all.stream()
                .filter(one -> one.row().equals(name) && one.length() == length)
                .findFirst()
                .map(Measured::perplexity)
                .orElse(null));
      }
      table.add(row);
    }
    return "Perplexity by length\n" + table.toText();
  }
}
