package org.longrope.driver.cli;

import com.fasterxml.jackson.databind.node.JsonNodeFactory;
import com.fasterxml.jackson.databind.node.ObjectNode;
import java.io.IOException;
import java.util.List;
import java.util.Locale;
import java.util.concurrent.Callable;
import org.jspecify.annotations.Nullable;
import org.longrope.driver.lab.bench.SlotsBench;
import org.longrope.driver.run.replay.Versions;
import org.longrope.driver.store.files.FileLocation;
import org.longrope.eval.BadInputException;
import org.longrope.search.SearchMode;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Option;

@Command(
    name = "slots",
    description = {
      "How busy both modes of search keep uneven executors, and what the driver costs.",
      "The paper's budget on simulated executors, up to three times slower than the fastest."
    })
final class SlotsBenchCommand implements Callable<Integer> {
  @Option(
      names = "--slots",
      split = ",",
      paramLabel = "N",
      description = "Evaluations at once; default ${DEFAULT-VALUE}.")
  List<Integer> slots = List.of(2, 4, 8, 16, 32, 64);

  @Option(names = "--seed", description = "Of the executors' speeds; default ${DEFAULT-VALUE}.")
  long seed = 42;

  @Option(names = "--json", paramLabel = "FILE", description = "Write the results there.")
  @Nullable FileLocation json;

  @Mixin HadoopOptions files = new HadoopOptions();
  @Mixin CommonOptions common = new CommonOptions();

  @Override
  public Integer call() throws IOException {
    for (int number : slots) {
      if (!(number >= 1)) {
        throw BadInputException.of("--slots is %d: expected 1 or more.", number);
      }
    }
    OutputFile.requireWritable("--json", json, files.hadoop());
    ObjectNode result = JsonNodeFactory.instance.objectNode();
    System.out.println("slots  mode          busy   driver ms/evaluation  simulated hours");
    for (int number : slots) {
      for (SearchMode mode : SearchMode.values()) {
        SlotsBench.Row row = SlotsBench.run(mode, number, seed);
        System.out.printf(
            Locale.ROOT,
            "%5d  %-12s  %.3f  %20.2f  %15.1f%n",
            row.slots(),
            row.mode(),
            row.utilisation(),
            row.driverMsPerEvaluation(),
            row.hours());
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
    if (json != null) {
      result.put("seed", seed);
      result.set("versions", Versions.toJson());
      OutputFile.write(json, result.toPrettyString() + "\n", files.hadoop());
    }
    return 0;
  }
}
