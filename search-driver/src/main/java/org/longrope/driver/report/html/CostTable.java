package org.longrope.driver.report.html;

import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import org.longrope.driver.report.html.RecipeDirectory.State;
import org.longrope.driver.report.html.RecipeDirectory.Step;
import org.longrope.driver.report.html.Table.Cell;
import org.longrope.driver.report.html.Table.Column;

/**
 * The steps of a recipe and what each of them took.
 *
 * @param searches the finished ones
 */
record CostTable(StepFiles files, Map<Step, SearchPart> searches) {
  Table table() {
    List<List<Cell>> rows = new ArrayList<>();
    double seconds = 0;
    for (Step step : files.recipe().steps()) {
      boolean done = step.state() == State.DONE;
      seconds += done ? step.seconds() : 0;
      SearchPart search = searches.get(step);
      rows.add(
          Table.row(
              List.of(
                  step.name(),
                  step.command(),
                  String.join(", ", step.needs()),
                  step.state().toString(),
                  done ? Numbers.duration(step.seconds()) : "–",
                  tokens(step) == 0 ? "–" : Numbers.count(tokens(step)),
                  search == null ? "–" : Numbers.hours(search.cost().seconds()))));
    }
    double evaluated =
        searches.values().stream().mapToDouble(search -> search.cost().seconds()).sum();
    long tokens = files.recipe().steps().stream().mapToLong(this::tokens).sum();
    rows.add(
        Table.row(
            List.of(
                "all",
                "",
                "",
                "",
                Numbers.duration(seconds),
                Numbers.count(tokens),
                Numbers.hours(evaluated))));
    return new Table(
        "Time in hours, minutes and seconds by the clock; tokens scored or trained on. Evaluator-hours are those that a search's"
            + " evaluators worked, added up.",
        List.of(
            Column.text("step"),
            Column.text("command"),
            Column.text("needs"),
            Column.text("state"),
            Column.number("time"),
            Column.number("tokens"),
            Column.number("evaluator-hours")),
        rows);
  }

  /** Tokens that a step scored or was trained on, where its files tell; else 0. */
  private long tokens(Step step) {
    SearchPart search = searches.get(step);
    if (search != null) {
      return search.cost().tokens();
    }
    if (step.isDone("finetune")) {
      return new TrainingSection(files).plan(step).tokens();
    }
    if (step.isDone("perplexity")) {
      return files.recipe().perplexities().stream()
          .filter(one -> one.step().equals(step.name()))
          .mapToLong(RecipeDirectory.Measured::tokens)
          .sum();
    }
    return 0;
  }
}
