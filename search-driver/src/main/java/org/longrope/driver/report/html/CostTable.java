package org.longrope.driver.report.html;

import java.util.Map;
import org.longrope.driver.report.html.RecipeDirectory.State;
import org.longrope.driver.report.html.RecipeDirectory.Step;
import org.longrope.driver.report.table.Column;
import org.longrope.driver.report.table.ColumnType;
import org.longrope.driver.report.table.Numbers;
import org.longrope.driver.report.table.Table;

/**
 * Steps of a recipe and their cost.
 *
 * @param searches the finished ones
 */
record CostTable(StepFiles files, Map<Step, SearchPart> searches) {
  static final String CAPTION =
      "Time in hours, minutes and seconds by the clock; tokens scored or trained on. Device-hours"
          + " are the time of all evaluations of a search added up; an executor's slot on CPU cores"
          + " counts as one device.";

  Table table() {
    Table table =
        new Table(
            Column.text("step"),
            Column.text("command"),
            Column.text("needs"),
            Column.text("state"),
            Column.count("time"),
            Column.count("tokens"),
            Column.of("device-hours", ColumnType.HOURS));
    double seconds = 0;
    double deviceSeconds = 0;
    long tokens = 0;
    for (Step step : files.recipe().steps()) {
      boolean done = step.state() == State.DONE;
      SearchPart search = searches.get(step);
      long own = tokens(step);
      table.add(
          step.name(),
          step.command(),
          String.join(", ", step.needs()),
          step.state().toString(),
          done ? Numbers.duration(step.seconds()) : null,
          own == 0 ? null : own,
          search == null ? null : search.cost().seconds());
      seconds += done ? step.seconds() : 0;
      tokens += own;
      deviceSeconds += search == null ? 0 : search.cost().seconds();
    }
    return table.add("all", "", "", "", Numbers.duration(seconds), tokens, deviceSeconds);
  }

  /** Returns tokens that a step scored or was trained on, or 0 if its files do not tell. */
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
