package org.longrope.driver.cli;

import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;

@Section("Development")
@Command(
    name = "bench",
    description = "Benchmarks the evaluator, the search and its fault tolerance.",
    subcommands = {
      EvaluatorBenchCommand.class,
      ForecastCommand.class,
      ArchiveCommand.class,
      SlotsBenchCommand.class,
      FaultsBenchCommand.class,
      SearchBenchCommand.class
    },
    footer = "bin/longrope bench evaluator --length 2048")
final class BenchCommand {
  @Mixin CommonOptions common = new CommonOptions();
}
