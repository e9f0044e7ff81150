package org.longrope.driver.lab.bench;

import java.util.ArrayList;
import java.util.List;
import org.jspecify.annotations.Nullable;
import org.longrope.driver.report.table.Column;
import org.longrope.driver.report.table.ColumnType;
import org.longrope.driver.report.table.Table;

/**
 * One measured evaluation.
 *
 * @param model its name
 * @param length tokens of the window
 * @param threads of the evaluation
 * @param dtype of weights and activations
 * @param tokensPerSecond median of the repetitions
 * @param busyTokensPerSecond median while other processes compute; null: not measured
 * @param transformersTokensPerSecond median of transformers on the same tokens; null: not measured
 * @param speedup median of transformers' time over that of the evaluation right before it; null:
 *     not measured
 * @param nllDifference from transformers' NLL, relative; null: not measured
 * @param gradient of the same tokens; null: not measured
 * @param fractionOfMatmul useful FLOP a second over the matrix product's, measured before and after
 * @param peakBytesOverWeights most memory in addition to the weights
 * @param buffers that memory without one layer's keys and values, in [length, hidden] tensors
 */
record EvaluatorRow(
    String model,
    int length,
    int threads,
    String dtype,
    double tokensPerSecond,
    @Nullable Double busyTokensPerSecond,
    @Nullable Double transformersTokensPerSecond,
    @Nullable Double speedup,
    @Nullable Double nllDifference,
    @Nullable MeasuredGradient gradient,
    double fractionOfMatmul,
    long peakBytesOverWeights,
    double buffers) {

  /** Returns the table of such rows, which is printed row by row. */
  static Table table(boolean busy, boolean transformers, boolean gradients) {
    ColumnType rate = ColumnType.number("%,.0f");
    List<Column> columns =
        new ArrayList<>(
            List.of(
                Column.text("model").withWidth(12),
                Column.count("length").withWidth(8),
                Column.count("threads"),
                Column.text("dtype"),
                Column.of("tokens/s", rate)));
    if (busy) {
      columns.add(Column.of("busy", rate).withWidth(8));
    }
    if (transformers) {
      columns.add(Column.of("transformers", rate));
      columns.add(Column.of("speedup", ColumnType.number("%.2f")));
    }
    columns.add(Column.of("of matmul", ColumnType.number("%.2f")));
    columns.add(Column.of("over weights", ColumnType.number("%,d MiB")).withWidth(13));
    columns.add(Column.of("buffers", ColumnType.number("%.1f")));
    if (gradients) {
      columns.add(Column.of("gradient", ColumnType.number("%.2f")));
      columns.add(Column.of("its memory", ColumnType.number("%,d MiB")).withWidth(12));
    }
    return new Table(columns);
  }

  String text() {
    List<Object> row = new ArrayList<>(List.of(model, length, threads, dtype, tokensPerSecond));
    if (busyTokensPerSecond != null) {
      row.add(busyTokensPerSecond);
    }
    if (transformersTokensPerSecond != null && speedup != null) {
      row.add(transformersTokensPerSecond);
      row.add(speedup);
    }
    row.add(fractionOfMatmul);
    row.add(peakBytesOverWeights >> 20);
    row.add(buffers);
    if (gradient != null) {
      row.add(gradient.timesForward());
      row.add(gradient.peakBytesOverWeights() >> 20);
    }
    return table(busyTokensPerSecond != null, speedup != null, gradient != null).row(row.toArray());
  }
}
