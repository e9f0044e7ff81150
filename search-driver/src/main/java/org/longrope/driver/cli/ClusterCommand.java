package org.longrope.driver.cli;

import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;

@Section("Development")
@Command(
    name = "cluster",
    description = "Runs a Spark master and workers here, for development.",
    subcommands = {ClusterStartCommand.class, ClusterStatusCommand.class, ClusterStopCommand.class},
    footer = "bin/longrope cluster start --workers 2")
final class ClusterCommand {
  @Mixin CommonOptions common = new CommonOptions();
}
