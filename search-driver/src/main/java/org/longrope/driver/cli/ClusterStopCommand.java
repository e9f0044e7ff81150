package org.longrope.driver.cli;

import java.util.concurrent.Callable;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;

@Command(
    name = "stop",
    description = "Stops master, workers and their executors.",
    footer = "bin/longrope cluster stop")
final class ClusterStopCommand implements Callable<Integer> {
  @Mixin ClusterDirectory directory = new ClusterDirectory();
  @Mixin CommonOptions common = new CommonOptions();

  @Override
  public Integer call() {
    int ended = directory.cluster().stop();
    System.out.println(
        ended == 0
            ? "Nothing to do, no cluster runs from " + directory.directory + "."
            : "Ended " + ended + " processes.");
    return 0;
  }
}
