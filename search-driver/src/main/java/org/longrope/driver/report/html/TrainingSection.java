package org.longrope.driver.report.html;

import com.fasterxml.jackson.databind.JsonNode;
import java.io.UncheckedIOException;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import org.longrope.driver.report.html.RecipeDirectory.Step;
import org.longrope.driver.report.plot.TrainingPlot;
import org.longrope.driver.report.table.Column;
import org.longrope.driver.report.table.ColumnType;
import org.longrope.driver.report.table.Table;
import org.longrope.driver.store.files.StoredFile;
import org.longrope.driver.training.TrainingCurve;
import org.longrope.eval.BadInputException;
import org.longrope.eval.training.Trainer;

/** Section on the trainings of a recipe: their loss and their plans. */
final class TrainingSection {
  private static final String RECORD = "training.json";
  private static final String CURVE = "training.csv";

  /** Number of first and of last steps whose mean loss is shown. */
  private static final int ENDS = 10;

  private final StepFiles files;

  TrainingSection(StepFiles files) {
    this.files = files;
  }

  /**
   * Plan of a training.
   *
   * @param length of a sequence, in tokens
   * @param batch sequences a step
   */
  record Plan(int steps, int length, int batch, double learningRate) {
    long tokens() {
      return (long) steps * batch * length;
    }
  }

  void addTo(Page page) {
    List<Page.Figure> figures = new ArrayList<>();
    Table table =
        new Table(
            Column.text("training"),
            Column.count("steps"),
            Column.count("length"),
            Column.count("batch"),
            Column.count("tokens"),
            Column.of("learning rate", ColumnType.number("%.1e")),
            Column.decimals("first loss", 4),
            Column.decimals("last loss", 4));
    for (Step step : files.recipe().done("finetune")) {
      Plan plan = plan(step);
      double[] losses = losses(step);
      byte[] png = TrainingPlot.png(losses);
      files.files().put(step.name() + "/training.png", png);
      figures.add(
          new Page.Figure(
              png, "Loss by step of " + step.name(), step.name() + ": loss by optimizer step."));
      int ends = Math.min(ENDS, losses.length);
      table.add(
          step.name(),
          plan.steps,
          plan.length,
          plan.batch,
          plan.tokens(),
          plan.learningRate,
          mean(losses, 0, ends),
          mean(losses, losses.length - ends, losses.length));
    }
    page.figures(figures);
    page.table(
        "Length in tokens of a sequence, batch in sequences; loss in nats per token, the mean of"
            + " the first and of the last "
            + ENDS
            + " steps.",
        table);
  }

  private static double mean(double[] losses, int from, int to) {
    return Arrays.stream(losses, from, to).average().orElse(Double.NaN);
  }

  /**
   * Reads the plan of a finished training.
   *
   * @throws BadInputException if its record is missing or damaged
   */
  Plan plan(Step step) {
    return files.json(
        step,
        RECORD,
        json -> {
          JsonNode plan = json.required("plan");
          return new Plan(
              (int) JsonFile.number(plan, "steps"),
              (int) JsonFile.number(plan, "length"),
              (int) JsonFile.number(plan, "batch"),
              JsonFile.number(plan, "learningRate"));
        });
  }

  private double[] losses(Step step) {
    files.bytes(step, CURVE);
    double[] losses;
    try {
      losses =
          new TrainingCurve(StoredFile.of(files.recipe().folder(step)))
              .steps().stream().mapToDouble(Trainer.Step::loss).toArray();
    } catch (NumberFormatException | ArrayIndexOutOfBoundsException | UncheckedIOException e) {
      throw damaged(step);
    }
    if (losses.length == 0) {
      throw damaged(step);
    }
    return losses;
  }

  private BadInputException damaged(Step step) {
    return BadInputException.of(
        "%s is damaged: expected a row of step, loss, gradient norm and learning rate for each"
            + " step; restore it from a copy.",
        files.path(step, CURVE));
  }
}
