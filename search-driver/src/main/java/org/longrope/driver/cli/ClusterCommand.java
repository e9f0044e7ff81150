package org.longrope.driver.cli;

import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;

@Command(
    name = "cluster",
    description = "A Spark master and workers on this machine, for development.",
    subcommands = {ClusterStartCommand.class, ClusterStatusCommand.class, ClusterStopCommand.class},
    synopsisSubcommandLabel = "COMMAND")
final class ClusterCommand {
  @Mixin CommonOptions common = new CommonOptions();
}
