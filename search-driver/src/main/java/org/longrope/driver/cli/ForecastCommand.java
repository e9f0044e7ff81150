package org.longrope.driver.cli;

import java.util.ArrayList;
import java.util.Collections;
import java.util.List;
import java.util.Locale;
import java.util.concurrent.Callable;
import org.longrope.driver.execution.worker.ModelCache;
import org.longrope.driver.lab.bench.Forecast;
import org.longrope.driver.report.table.Column;
import org.longrope.driver.report.table.ColumnType;
import org.longrope.driver.report.table.Table;
import org.longrope.eval.BadInputException;
import org.longrope.eval.checkpoint.Checkpoint;
import org.longrope.eval.decoder.AttentionWindow;
import org.longrope.eval.decoder.EvaluationCost;
import org.longrope.eval.decoder.Libtorch;
import org.longrope.eval.decoder.ResidentModel;
import picocli.CommandLine;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Option;

@Command(
    name = "forecast",
    description = "Estimates memory and time of an evaluation.",
    footer = "bin/longrope bench forecast --model search-driver/demonstration --length 2048,8192")
final class ForecastCommand implements Callable<Integer> {
  private static final double GIB = 1L << 30;

  @Mixin ModelOption model = new ModelOption();

  @Option(
      names = "--length",
      split = ",",
      required = true,
      paramLabel = "N",
      description = "Tokens of a window.")
  List<Integer> lengths = List.of();

  @Option(
      names = "--attention-window",
      paramLabel = "W",
      description = "config, none or a number of tokens.")
  String attentionWindow = "config";

  @Option(
      names = "--gradient",
      description = "Estimate the gradient of each evaluation too, as strategy gradient takes it.")
  boolean gradient;

  @Option(names = "--measure", description = "Evaluate as well, to show the error.")
  boolean measure;

  @Section(Section.EXECUTION)
  @Option(
      names = "--threads",
      paramLabel = "N",
      showDefaultValue = CommandLine.Help.Visibility.NEVER,
      description = "Threads of one evaluation. Default: all cores.")
  int threads = Runtime.getRuntime().availableProcessors();

  @Mixin HadoopOptions files = new HadoopOptions();
  @Mixin CommonOptions common = new CommonOptions();

  @Override
  public Integer call() {
    for (int length : lengths) {
      if (!(length >= 2)) {
        throw BadInputException.of("--length is %d: expected 2 or more.", length);
      }
    }
    if (!(threads >= 1)) {
      throw BadInputException.of("--threads is %d: expected 1 or more.", threads);
    }
    AttentionWindow window = AttentionWindow.parse(attentionWindow);
    Checkpoint checkpoint = ModelCache.ofHost().open(model.location().text(), null, files.hadoop());
    Libtorch.useThreads(threads);
    DeviceLines.print(threads);
    MachineLoad load = MachineLoad.now();
    try (ResidentModel resident =
        ResidentModel.load(checkpoint, window, Collections.max(lengths))) {
      Forecast forecast = new Forecast(resident, window, Libtorch.device().isGpu());
      Table table = table();
      System.out.print(table.head());
      double gradientCost = gradient ? forecast.gradientCost() : 0;
      for (int length : lengths) {
        System.out.print(row(table, forecast, gradientCost, length));
      }
      System.out.printf(
          Locale.ROOT,
          "Seconds go by the best of %d evaluations of %,d tokens, measured %s.%n",
          forecast.measurements(),
          forecast.measuredTokens(),
          load);
    }
    return 0;
  }

  private Table table() {
    ColumnType gib = ColumnType.number("%,.2f GiB");
    List<Column> columns =
        new ArrayList<>(
            List.of(
                Column.count("length").withWidth(9),
                Column.of("TFLOP", ColumnType.number("%.2f")).withWidth(11),
                Column.of("weights", gib).withWidth(11),
                Column.of("beside them", gib).withWidth(11),
                Column.of("seconds", ColumnType.number("%.2f")).withWidth(11)));
    if (gradient) {
      columns.add(Column.of("gradient", ColumnType.number("%.2f")).withWidth(11));
      columns.add(Column.of("its memory", gib).withWidth(11));
    }
    if (measure) {
      columns.add(Column.of("measured", ColumnType.number("%.2f")));
      columns.add(Column.of("error", ColumnType.number("%+.0f%%")));
    }
    return new Table(columns);
  }

  private String row(Table table, Forecast forecast, double gradientCost, int length) {
    EvaluationCost cost = forecast.cost(length);
    double seconds = forecast.seconds(length);
    List<Object> row =
        new ArrayList<>(
            List.of(
                length,
                cost.flop() * 1e-12,
                cost.weightBytes() / GIB,
                cost.passBytes() / GIB,
                seconds));
    if (gradient) {
      row.add(seconds * gradientCost);
      row.add(forecast.gradientBytes(length) / GIB);
    }
    if (measure) {
      double measured = forecast.measure(length);
      row.add(measured);
      row.add(100 * (seconds / measured - 1));
    }
    return table.row(row.toArray());
  }
}
