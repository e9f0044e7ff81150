package org.longrope.driver.recipe;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.json.JsonMapper;
import com.fasterxml.jackson.databind.node.ArrayNode;
import com.fasterxml.jackson.databind.node.JsonNodeFactory;
import com.fasterxml.jackson.databind.node.ObjectNode;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.charset.StandardCharsets;
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
import org.longrope.driver.run.replay.Versions;

/** What a recipe's steps were, took and measured: summary.json, and a table for people. */
final class RecipeSummary {
  static final String FILE = "summary.json";
  private static final JsonMapper JSON = new JsonMapper();

  private final Recipe recipe;
  private final Path directory;
  private final Map<Step, StepRecord> records;

  RecipeSummary(Recipe recipe, Path directory, Map<Step, StepRecord> records) {
    this.recipe = recipe;
    this.directory = directory;
    this.records = new LinkedHashMap<>(records);
  }

  /** A perplexity that a step measured. */
  private record Measured(
      String step, String model, String method, int length, double perplexity, long tokens) {
    String row() {
      return step + ": " + method;
    }
  }

  void write() {
    ObjectNode json = JsonNodeFactory.instance.objectNode();
    json.put("recipe", recipe.name());
    json.put("finished", records.values().stream().allMatch(StepRecord::finished));
    ArrayNode steps = json.putArray("steps");
    records.forEach((step, record) -> steps.add(toJson(step, record)));
    ArrayNode perplexity = json.putArray("perplexity");
    for (Measured one : measured()) {
      perplexity
          .addObject()
          .put("step", one.step())
          .put("model", one.model())
          .put("method", one.method())
          .put("length", one.length())
          .put("perplexity", one.perplexity())
          .put("tokens", one.tokens());
    }
    json.set("versions", Versions.toJson());
    write(directory.resolve(FILE), json);
  }

  /** What was asked: the steps with their options, words of the recipe's own put in. */
  static void writeRecipe(Recipe recipe, Path directory) {
    ObjectNode json = JsonNodeFactory.instance.objectNode();
    json.put("name", recipe.name());
    ObjectNode steps = json.putObject("steps");
    for (Step step : recipe.steps()) {
      ObjectNode one = steps.putObject(step.name()).put("command", step.command().toString());
      step.options().forEach((key, values) -> values.forEach(one.withArray(key)::add));
      if (step.handOff() != null) {
        one.put("hand-off", step.handOff().toString());
      }
    }
    write(directory.resolve("recipe.json"), json);
  }

  private static void write(Path file, ObjectNode json) {
    WholeFile.write(file, (json.toPrettyString() + "\n").getBytes(StandardCharsets.UTF_8));
  }

  private ObjectNode toJson(Step step, StepRecord record) {
    ObjectNode json = JsonNodeFactory.instance.objectNode();
    json.put("name", step.name());
    json.put("command", step.command().toString());
    step.arguments(directory, name -> recipe.step(name).result(directory))
        .forEach(json.putArray("arguments")::add);
    step.needs().forEach(json.putArray("needs")::add);
    ObjectNode rest = record.toJson();
    rest.remove("format_version");
    json.setAll(rest);
    return json;
  }

  private List<Measured> measured() {
    List<Measured> all = new ArrayList<>();
    records.forEach(
        (step, record) -> {
          if (step.command() == StepCommand.PERPLEXITY && record.finished()) {
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
      return JSON.readTree(file.toFile());
    } catch (IOException e) {
      throw new UncheckedIOException("Cannot read " + file, e);
    }
  }

  /** Perplexity by length: a line for each step and method. */
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
