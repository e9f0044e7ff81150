package org.longrope.driver.cli;

import com.fasterxml.jackson.databind.node.JsonNodeFactory;
import com.fasterxml.jackson.databind.node.ObjectNode;
import java.io.IOException;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.concurrent.Callable;
import org.longrope.driver.lab.bench.SlotsBench;
import org.longrope.driver.report.table.Column;
import org.longrope.driver.report.table.ColumnType;
import org.longrope.driver.report.table.Table;
import org.longrope.driver.run.settings.SearchSchema;
import org.longrope.driver.store.Versions;
import org.longrope.eval.BadInputException;
import org.longrope.search.SearchMode;
import org.longrope.search.StrategyConfig;
import org.longrope.search.settings.StrategyDefinition;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Option;

@Command(
    name = "slots",
    description = {
      "Measures the use of uneven executors and the cost of the driver.",
      "Strategies search with their defaults on simulated executors, of which the slowest takes",
      "three times as long as the fastest."
    },
    footer = "bin/longrope bench slots --strategy cmaes,genetic --slots 2,8")
final class SlotsBenchCommand implements Callable<Integer> {
  private static final Table TABLE =
      new Table(
          Column.text("strategy").withWidth(8),
          Column.count("slots"),
          Column.text("mode").withWidth(12),
          Column.decimals("busy ", 3),
          Column.count("evaluations"),
          Column.decimals("ln perplexity", 4),
          Column.of("driver ms/evaluation", ColumnType.number("%.2f")),
          Column.of("simulated hours", ColumnType.number("%.1f")));

  @Option(names = "--slots", split = ",", paramLabel = "N", description = "Evaluations at once.")
  List<Integer> slots = List.of(2, 4, 8, 16, 32, 64, 256);

  @Option(
      names = "--strategy",
      split = ",",
      paramLabel = "NAME",
      description = "cmaes, gradient or genetic, or several.")
  List<String> strategies = List.of("cmaes");

  @Option(
      names = "--mode",
      split = ",",
      paramLabel = "NAME",
      description = "generational or asynchronous; by default those that a strategy has.")
  List<String> modes = List.of();

  @Option(
      names = "--set",
      paramLabel = "KEY=VALUE",
      description = "Setting of the strategies, such as budget=4000 or batch=16.")
  Map<String, String> settings = Map.of();

  @Option(names = "--documents", paramLabel = "N", description = "Documents of a search.")
  int documents = 5;

  @Option(
      names = "--seed",
      paramLabel = "N",
      description = "Seed of the searches and of the executors' speeds.")
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
    if (!(documents >= 1)) {
      throw BadInputException.of("--documents is %d: expected 1 or more.", documents);
    }
    SlotsBench bench = new SlotsBench(documents, seed, System::nanoTime);
    Map<StrategyDefinition<?>, StrategyConfig> configs = new LinkedHashMap<>();
    for (String name : strategies) {
      StrategyDefinition<?> strategy = strategy(name);
      configs.put(strategy, bench.config(strategy, settings));
    }
    List<SearchMode> chosen = modes.stream().map(SlotsBenchCommand::mode).toList();
    json.requireWritable(files.hadoop());
    ObjectNode result = JsonNodeFactory.instance.objectNode();
    System.out.print(TABLE.head());
    for (Map.Entry<StrategyDefinition<?>, StrategyConfig> search : configs.entrySet()) {
      for (int number : slots) {
        for (SearchMode mode : chosen.isEmpty() ? search.getKey().modes() : chosen) {
          SlotsBench.Row row = bench.run(search.getValue(), mode, number);
          print(search.getKey().name(), row);
          put(result.withArray("rows").addObject(), search.getKey().name(), row);
        }
      }
    }
    result.put("seed", seed);
    result.put("documents", documents);
    settings.forEach(result.putObject("settings")::put);
    result.set("versions", Versions.toJson());
    json.write(result, files.hadoop());
    return 0;
  }

  private static StrategyDefinition<?> strategy(String name) {
    return SearchSchema.STRATEGIES.stream()
        .filter(strategy -> strategy.isNamed(name))
        .findFirst()
        .orElseThrow(
            () ->
                BadInputException.of(
                    "--strategy is %s: expected cmaes, gradient or genetic.", name));
  }

  private static SearchMode mode(String name) {
    return SearchMode.of(name)
        .orElseThrow(
            () ->
                BadInputException.of("--mode is %s: expected generational or asynchronous.", name));
  }

  private static void print(String strategy, SlotsBench.Row row) {
    System.out.print(
        TABLE.row(
            strategy,
            row.slots(),
            row.mode().toString(),
            row.utilisation(),
            row.evaluations(),
            row.logPerplexity(),
            row.driverMsPerEvaluation(),
            row.hours()));
  }

  private static void put(ObjectNode json, String strategy, SlotsBench.Row row) {
    json.put("strategy", strategy)
        .put("slots", row.slots())
        .put("mode", row.mode().toString())
        .put("utilisation", row.utilisation())
        .put("evaluations", row.evaluations())
        .put("log_perplexity", row.logPerplexity())
        .put("driver_ms_per_evaluation", row.driverMsPerEvaluation())
        .put("simulated_hours", row.hours());
  }
}
