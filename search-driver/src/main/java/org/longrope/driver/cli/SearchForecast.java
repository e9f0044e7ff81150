package org.longrope.driver.cli;

import com.sun.management.OperatingSystemMXBean;
import java.lang.management.ManagementFactory;
import java.util.Locale;
import java.util.Optional;
import org.apache.spark.api.java.JavaSparkContext;
import org.longrope.driver.execution.worker.Gpus;
import org.longrope.driver.execution.worker.ModelSpec;
import org.longrope.driver.execution.worker.ResidentModels;
import org.longrope.driver.lab.bench.Forecast;
import org.longrope.eval.decoder.AttentionWindow;
import org.longrope.eval.decoder.EvaluationCost;
import org.longrope.eval.decoder.Libtorch;

/**
 * Says before a search on this machine what an evaluation takes, and warns when so many at once do
 * not fit. Executors elsewhere refuse for themselves what they cannot hold.
 */
final class SearchForecast {
  private static final double GIB = 1L << 30;

  private SearchForecast() {}

  /**
   * Says it.
   *
   * @return seconds of one evaluation; NaN where executors are elsewhere
   */
  static double say(ModelSpec model, JavaSparkContext context) {
    if (!context.isLocal()) {
      return Double.NaN;
    }
    MachineLoad load = MachineLoad.now();
    boolean gpu = Libtorch.device().isGpu();
    Forecast forecast =
        new Forecast(
            ResidentModels.get(model, Gpus.ANY).model(),
            AttentionWindow.parse(model.attentionWindow()),
            gpu);
    EvaluationCost cost = forecast.cost(model.longestWindow());
    double seconds = forecast.seconds(model.longestWindow());
    Progress.line(
        "one evaluation of %,d tokens: about %s (%s), %.2f GiB beside %.2f GiB of weights",
        cost.length(), text(seconds), load, cost.passBytes() / GIB, cost.weightBytes() / GIB);
    if (!gpu) {
      OperatingSystemMXBean system =
          (OperatingSystemMXBean) ManagementFactory.getOperatingSystemMXBean();
      warning(cost, context.defaultParallelism(), system.getTotalMemorySize())
          .ifPresent(Progress::warn);
    }
    return seconds;
  }

  /** Seconds of one evaluation, with a decimal where there are few. */
  static String text(double seconds) {
    return seconds < 10 ? String.format(Locale.ROOT, "%.1f s", seconds) : Durations.text(seconds);
  }

  /**
   * A sentence if that many evaluations at once need more than the memory.
   *
   * @param memory of the machine, bytes
   */
  static Optional<String> warning(EvaluationCost cost, int atOnce, long memory) {
    double needed = cost.weightBytes() + (double) atOnce * cost.passBytes();
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
