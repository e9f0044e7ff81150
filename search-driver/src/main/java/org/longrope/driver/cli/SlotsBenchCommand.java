package org.longrope.driver.cli;

import com.fasterxml.jackson.databind.node.JsonNodeFactory;
import com.fasterxml.jackson.databind.node.ObjectNode;
import java.io.IOException;
import java.util.List;
import java.util.concurrent.Callable;
import org.longrope.driver.lab.bench.SlotsBench;
import org.longrope.driver.report.table.Column;
import org.longrope.driver.report.table.ColumnType;
import org.longrope.driver.report.table.Table;
import org.longrope.driver.store.Versions;
import org.longrope.eval.BadInputException;
import org.longrope.search.SearchMode;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Option;

@Command(
    name = "slots",
    description = {
      "Measures the use of uneven executors and the cost of the driver.",
      "Both modes of search run the budget of the paper on simulated executors, of which the",
      "slowest takes three times as long as the fastest."
    },
    footer = "bin/longrope bench slots --slots 2,8")
final class SlotsBenchCommand implements Callable<Integer> {
  @Option(names = "--slots", split = ",", paramLabel = "N", description = "Evaluations at once.")
  List<Integer> slots = List.of(2, 4, 8, 16, 32, 64);

  @Option(names = "--seed", paramLabel = "N", description = "Seed of the executors' speeds.")
  long seed = 42;

  @Mixin JsonOption json = new JsonOption();

  @Mixin HadoopOptions files = new HadoopOptions();
  @Mixin CommonOptions common = new CommonOptions();

  @Override
  public Integer call() throws IOException {
    for (int number : slots) {
      if (!(number >= 1)) {
        throw BadInputException.of("--slots is %d: expected 1 or more.", number);
      }
    }
    json.requireWritable(files.hadoop());
    ObjectNode result = JsonNodeFactory.instance.objectNode();
    Table table =
        new Table(
            Column.count("slots"),
            Column.text("mode").withWidth(12),
            Column.decimals("busy ", 3),
            Column.of("driver ms/evaluation", ColumnType.number("%.2f")),
            Column.of("simulated hours", ColumnType.number("%.1f")));
    System.out.print(table.head());
    for (int number : slots) {
      for (SearchMode mode : SearchMode.values()) {
        SlotsBench.Row row = SlotsBench.run(mode, number, seed);
        System.out.print(
            table.row(
                row.slots(),
                row.mode().toString(),
                row.utilisation(),
                row.driverMsPerEvaluation(),
                row.hours()));
        result
            .withArray("rows")
            .addObject()
            .put("slots", row.slots())
            .put("mode", row.mode().toString())
            .put("utilisation", row.utilisation())
            .put("driver_ms_per_evaluation", row.driverMsPerEvaluation())
            .put("simulated_hours", row.hours());
      }
    }
    result.put("seed", seed);
    result.set("versions", Versions.toJson());
    json.write(result, files.hadoop());
    return 0;
  }
}
