package org.longrope.driver.cli;

import com.sun.management.OperatingSystemMXBean;
import java.lang.management.ManagementFactory;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.LinkedHashMap;
import java.util.Locale;
import java.util.Map;
import org.longrope.driver.lab.bench.Forecast;
import org.longrope.driver.recipe.ArtifactCatalog;
import org.longrope.driver.recipe.CostEstimate;
import org.longrope.driver.recipe.RecipeRun;
import org.longrope.driver.recipe.Step;
import org.longrope.driver.report.table.Column;
import org.longrope.driver.report.table.ColumnType;
import org.longrope.driver.report.table.Table;
import org.longrope.eval.BadInputException;
import org.longrope.eval.checkpoint.Checkpoint;
import org.longrope.eval.checkpoint.DType;
import org.longrope.eval.decoder.AttentionWindow;
import org.longrope.eval.decoder.EvaluationCost;
import org.longrope.eval.decoder.Libtorch;
import org.longrope.eval.decoder.ResidentModel;

/** Estimate of the cost of a recipe's steps on machines like this one. */
final class RecipeForecast {
  private static final double GIB = 1L << 30;
  private static final double HOUR = 3600;
  private static final int PROBE = 2048;

  private final Map<Step, CostEstimate> work;
  private final ArtifactCatalog known;
  private final boolean gpu = Libtorch.device().isGpu();

  RecipeForecast(Map<Step, CostEstimate> work, ArtifactCatalog known) {
    this.work = new LinkedHashMap<>(work);
    this.known = known;
  }

  private EvaluationCost cost(CostEstimate step, int length) {
    return EvaluationCost.of(
        known.model(step.model()).config(),
        AttentionWindow.CONFIG,
        gpu ? DType.BF16 : DType.F32,
        gpu,
        length);
  }

  /**
   * Checks that this machine can hold one evaluation of the longest window of every step to do.
   *
   * @param done whether each step is done, by name
   * @throws BadInputException if not, with the arithmetic
   */
  void requireMemory(Map<String, Boolean> done) {
    if (gpu) {
      return;
    }
    OperatingSystemMXBean system =
        (OperatingSystemMXBean) ManagementFactory.getOperatingSystemMXBean();
    double memory = system.getTotalMemorySize();
    work.forEach(
        (step, taken) -> {
          boolean here = !step.options().containsKey("master");
          if (taken.longest() == 0 || !here || done.getOrDefault(step.name(), false)) {
            return;
          }
          EvaluationCost cost = cost(taken, taken.longest());
          if (cost.weightBytes() + cost.passBytes() > memory) {
            throw BadInputException.of(
                "Step %s reads %,d tokens at once: %.1f GiB of weights and %.1f GiB beside them,"
                    + " and this machine has %.1f GiB; take a larger one, or --master of a"
                    + " cluster.",
                step.name(),
                taken.longest(),
                cost.weightBytes() / GIB,
                cost.passBytes() / GIB,
                memory / GIB);
          }
        });
  }

  /** Returns a line for each step: its tokens, and its device-hours on one core or GPU. */
  String text(RecipeRun run) {
    Map<String, Boolean> done = run.finished();
    MachineLoad load = MachineLoad.now();
    double rate = flopPerSecond();
    Table table =
        new Table(
            Column.text("step").withWidth(24),
            Column.text("command").withWidth(11),
            Column.text("state").withWidth(10),
            Column.of("tokens read", ColumnType.number("%,.0f")).withWidth(13),
            Column.decimals("device-hours", 2));
    double hours = 0;
    for (Map.Entry<Step, CostEstimate> entry : work.entrySet()) {
      Step step = entry.getKey();
      CostEstimate taken = entry.getValue();
      boolean there = done.getOrDefault(step.name(), false);
      double own = taken.longest() == 0 ? 0 : flop(taken) / rate / HOUR;
      hours += there ? 0 : own;
      String state = there ? "done" : step.handOff() != null ? "handed off" : "to do";
      table.add(
          step.name(),
          step.command().toString(),
          state,
          taken.longest() == 0 ? null : taken.tokens(),
          taken.longest() == 0 ? null : own);
    }
    int slots = gpu ? 1 : Runtime.getRuntime().availableProcessors();
    StringBuilder text = new StringBuilder(table.toText());
    text.append(
        Double.isNaN(rate)
            ? String.format("To do: no estimate, because none of the models exists yet.%n")
            : String.format(
                Locale.ROOT,
                "To do: about %,.2f device-hours (a device is %s), measured %s; on this machine's"
                    + " %d about %s. Executors share a search's and a measurement's evaluations,"
                    + " replicas a training's batches.%n",
                hours,
                gpu ? "a GPU" : "one core",
                load,
                slots,
                Durations.text(hours * HOUR / slots)));
    text.append(System.lineSeparator());
    work.keySet()
        .forEach(
            step ->
                text.append(
                    String.format(
                        "%s:%n  longrope %s %s%n",
                        step.name(), step.command(), String.join(" ", run.arguments(step)))));
    return text.toString();
  }

  private double flop(CostEstimate taken) {
    return taken.passes().entrySet().stream()
        .mapToDouble(pass -> pass.getValue() * cost(taken, pass.getKey()).flop())
        .sum();
  }

  /** Measures one core or GPU with a model of the recipe that exists already; NaN if none does. */
  private double flopPerSecond() {
    for (CostEstimate taken : work.values()) {
      if (taken.longest() > 0 && Files.isDirectory(Path.of(taken.model()))) {
        Checkpoint checkpoint = Checkpoint.open(Path.of(taken.model()));
        Libtorch.useThreads(1);
        DeviceLines.print(1);
        try (ResidentModel model = ResidentModel.load(checkpoint, AttentionWindow.CONFIG, PROBE)) {
          Forecast forecast = new Forecast(model, AttentionWindow.CONFIG, gpu);
          return forecast.cost(PROBE).flop() / forecast.seconds(PROBE);
        }
      }
    }
    return Double.NaN;
  }
}
