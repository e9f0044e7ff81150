package org.longrope.driver.report.html;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.node.JsonNodeFactory;
import com.fasterxml.jackson.databind.node.ObjectNode;
import java.util.LinkedHashMap;
import java.util.Map;
import java.util.stream.Collectors;
import org.longrope.driver.report.html.RecipeDirectory.State;
import org.longrope.driver.report.html.RecipeDirectory.Step;
import org.longrope.driver.report.table.Column;
import org.longrope.driver.report.table.ColumnType;
import org.longrope.driver.report.table.Numbers;
import org.longrope.driver.report.table.Table;

/**
 * Section on the provenance of the numbers of a recipe: hashes, versions and commands.
 *
 * @param searches the finished ones
 */
record ProvenanceSection(StepFiles files, Map<Step, SearchPart> searches) {

  void addTo(Page page) {
    page.table(table());
    page.text(
        "Hashes are the first digits of SHA-256; summary.json and the files of each step, beside"
            + " this page, hold them whole.");
    Map<String, String> versions = new LinkedHashMap<>();
    files
        .recipe()
        .versions()
        .fields()
        .forEachRemaining(
            field -> versions.put("version of " + field.getKey(), field.getValue().asText()));
    page.facts(versions);
    page.part("Commands");
    page.code(files.recipe().steps().stream().map(ProvenanceSection::command).toList());
  }

  private static String command(Step step) {
    return "bin/longrope "
        + step.command()
        + step.arguments().stream()
            .map(argument -> " " + Names.quoted(argument))
            .collect(Collectors.joining());
  }

  private Table table() {
    Table table =
        new Table(
            Column.text("step"),
            Column.of("model", ColumnType.CODE),
            Column.of("data", ColumnType.CODE),
            Column.of("seed", ColumnType.INTEGER),
            Column.text("computed in"),
            Column.of("inputs", ColumnType.CODE),
            Column.of("output", ColumnType.CODE));
    for (Step step : files.recipe().steps()) {
      JsonNode with = step.state() == State.DONE ? measuredWith(step) : nothing();
      table.add(
          step.name(),
          Numbers.hash(with.path("model_sha256").asText("")),
          Numbers.hash(with.path("partition_sha256").asText("")),
          with.path("seed").asText(null),
          with.path("dtype").asText(null),
          Numbers.hash(step.inputsHash()),
          Numbers.hash(step.outputHash()));
    }
    return table;
  }

  private static ObjectNode nothing() {
    return JsonNodeFactory.instance.objectNode();
  }

  private JsonNode measuredWith(Step step) {
    return switch (step.command()) {
      case "search" -> searched(step);
      case "finetune" -> files.json(step, "training.json", ProvenanceSection::trained);
      case "perplexity", "passkey", "benchmark" ->
          files.json(step, step.command() + ".json", json -> json.required("provenance"));
      default -> nothing();
    };
  }

  private JsonNode searched(Step step) {
    SearchPart search = searches.get(step);
    if (search == null) {
      return nothing();
    }
    ObjectNode with = search.subject().deepCopy();
    with.set("seed", search.settings().path("seed"));
    with.put("dtype", String.join(", ", search.cost().computeTypes()));
    return with;
  }

  private static JsonNode trained(JsonNode json) {
    ObjectNode with = nothing();
    with.set("model_sha256", json.required("model"));
    with.set("partition_sha256", json.required("data"));
    with.set("seed", json.required("plan").required("seed"));
    with.set("dtype", json.required("dtype"));
    return with;
  }
}
