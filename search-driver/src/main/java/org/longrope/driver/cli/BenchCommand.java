package org.longrope.driver.cli;

import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;

@Command(
    name = "bench",
    description = "Measures against what the machine can do.",
    subcommands = {
      EvaluatorBenchCommand.class,
      ForecastCommand.class,
      ArchiveCommand.class,
      SlotsBenchCommand.class,
      FaultsBenchCommand.class,
      SearchBenchCommand.class
    },
    synopsisSubcommandLabel = "COMMAND")
final class BenchCommand {
  @Mixin CommonOptions common = new CommonOptions();
}
