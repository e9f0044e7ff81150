package org.longrope.driver.cli;

import com.sun.management.OperatingSystemMXBean;
import java.lang.management.ManagementFactory;
import java.util.Locale;
import java.util.Optional;
import java.util.SortedMap;
import java.util.function.Consumer;
import java.util.stream.Collectors;
import org.apache.hadoop.conf.Configuration;
import org.longrope.driver.execution.worker.Gpus;
import org.longrope.driver.execution.worker.ModelCache;
import org.longrope.driver.execution.worker.ModelSpec;
import org.longrope.driver.execution.worker.ResidentModels;
import org.longrope.driver.lab.bench.Forecast;
import org.longrope.driver.report.table.Numbers;
import org.longrope.driver.run.SearchRun;
import org.longrope.eval.checkpoint.DType;
import org.longrope.eval.decoder.AttentionWindow;
import org.longrope.eval.decoder.EvaluationCost;
import org.longrope.eval.decoder.Libtorch;

/**
 * Lines on what a search costs, before it starts: evaluations, tokens, device-hours and memory. The
 * time is measured on this machine; the rate of executors elsewhere is not known before they work.
 */
final class SearchForecast {
  private static final double GIB = 1L << 30;
  private static final double HOUR = 3600;

  private final SortedMap<Integer, Long> evaluations;
  private final SortedMap<Integer, Long> gradients;
  private final ModelSpec model;
  private final Consumer<String> line;

  /**
   * Prepares the forecast of a run.
   *
   * @param model that executors evaluate
   * @param line receives each line
   */
  SearchForecast(SearchRun run, ModelSpec model, Consumer<String> line) {
    evaluations = run.planned();
    gradients = run.plannedGradients();
    this.model = model;
    this.line = line;
  }

  private void say(String format, Object... arguments) {
    line.accept(String.format(Locale.ROOT, format, arguments));
  }

  private void sayEvaluations() {
    say(
        "the whole search: at most %s, %,d tokens in all",
        evaluations.entrySet().stream()
            .map(
                e ->
                    String.format(
                        Locale.ROOT, "%,d evaluations of %,d tokens", e.getValue(), e.getKey()))
            .collect(Collectors.joining(" and ")),
        evaluations.entrySet().stream().mapToLong(e -> e.getKey() * e.getValue()).sum());
    gradients.forEach(
        (length, count) -> say("of them %,d with the gradient, at %,d tokens", count, length));
  }

  /**
   * Shows the cost of a search on this machine, for which it loads and measures the model.
   *
   * @param atOnce evaluations at a time
   * @return seconds of one evaluation of the longest window
   */
  double onThisMachine(int atOnce) {
    sayEvaluations();
    MachineLoad load = MachineLoad.now();
    boolean gpu = Libtorch.device().isGpu();
    Forecast forecast =
        new Forecast(
            ResidentModels.get(model, Gpus.ANY).model(),
            AttentionWindow.parse(model.attentionWindow()),
            gpu);
    EvaluationCost cost = forecast.cost(model.longestWindow());
    double seconds = forecast.seconds(model.longestWindow());
    say(
        "one evaluation of %,d tokens: about %s (%s), %.2f GiB and %.2f GiB of weights",
        cost.length(), text(seconds), load, cost.passBytes() / GIB, cost.weightBytes() / GIB);
    double all = sum(evaluations, forecast);
    if (!gradients.isEmpty()) {
      double ratio = forecast.gradientCost();
      say(
          "a gradient: %.1f times the time of an evaluation without, %.2f GiB beside the weights",
          ratio, forecast.gradientBytes(model.longestWindow()) / GIB);
      all += (ratio - 1) * sum(gradients, forecast);
    }
    say(
        "in all: at most %.2f device-hours, %s with %s at once, in %.2f GiB of memory",
        all / HOUR,
        text(all / atOnce),
        Numbers.counted(atOnce, "evaluation"),
        needed(cost, atOnce) / GIB);
    if (!gpu) {
      OperatingSystemMXBean system =
          (OperatingSystemMXBean) ManagementFactory.getOperatingSystemMXBean();
      warning(cost, atOnce, system.getTotalMemorySize()).ifPresent(Progress::warn);
    }
    return seconds;
  }

  private static double sum(SortedMap<Integer, Long> counts, Forecast forecast) {
    return counts.entrySet().stream()
        .mapToDouble(e -> e.getValue() * forecast.seconds(e.getKey()))
        .sum();
  }

  /**
   * Shows the cost of a search on a cluster.
   *
   * @param gpu whether executors evaluate on GPUs
   */
  void onExecutors(boolean gpu, Configuration hadoop) {
    sayEvaluations();
    EvaluationCost cost =
        EvaluationCost.of(
            ModelCache.ofHost().open(model.model(), model.modelHash(), hadoop).config(),
            AttentionWindow.parse(model.attentionWindow()),
            gpu ? DType.BF16 : DType.F32,
            gpu,
            model.longestWindow());
    say(
        "one evaluation of %,d tokens: %.2f GiB and %.2f GiB of weights",
        cost.length(), cost.passBytes() / GIB, cost.weightBytes() / GIB);
    say("in all: device-hours are estimated from the first evaluations of the executors");
  }

  /** Formats seconds, with a decimal where there are few. */
  static String text(double seconds) {
    return seconds < 10 ? String.format(Locale.ROOT, "%.1f s", seconds) : Durations.text(seconds);
  }

  /**
   * Returns the evaluations that this machine does at once.
   *
   * @param master local, local[N] or local[*], with or without retries
   */
  static int slots(String master) {
    if (master.equals("local")) {
      return 1;
    }
    String number = master.replaceFirst("^local\\[(\\d+).*", "$1");
    return number.equals(master)
        ? Runtime.getRuntime().availableProcessors()
        : Integer.parseInt(number);
  }

  private static double needed(EvaluationCost cost, int atOnce) {
    return cost.weightBytes() + (double) atOnce * cost.passBytes();
  }

  /**
   * Returns a sentence if that many evaluations at once need more than the memory.
   *
   * @param memory of the machine, bytes
   */
  static Optional<String> warning(EvaluationCost cost, int atOnce, long memory) {
    double needed = needed(cost, atOnce);
    if (needed <= memory) {
      return Optional.empty();
    }
    long fitting = Math.max(1, (memory - cost.weightBytes()) / cost.passBytes());
    return Optional.of(
        String.format(
            Locale.ROOT,
            "%d evaluations at once need %.1f GiB and this machine has %.1f GiB: use --master"
                + " local[%d].",
            atOnce,
            needed / GIB,
            memory / GIB,
            fitting));
  }
}
