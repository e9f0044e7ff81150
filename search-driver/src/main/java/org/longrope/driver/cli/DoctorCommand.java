package org.longrope.driver.cli;

import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.Callable;
import org.apache.spark.api.java.JavaSparkContext;
import org.longrope.driver.doctor.ClusterCheck;
import org.longrope.driver.doctor.HostCheck;
import org.longrope.driver.execution.spark.SparkSettings;
import org.longrope.driver.execution.worker.HostReport;
import org.longrope.driver.store.Versions;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;

@Section("Begin")
@Command(
    name = "doctor",
    description = {
      "Checks Java, Spark, libtorch, GPUs and file systems.",
      "With --master it checks every executor too. Exit code 1 if something is wrong. 'longrope"
          + " inspect MODEL' shows a model."
    },
    footer = "bin/longrope doctor --master local[2]")
final class DoctorCommand implements Callable<Integer> {
  private static final Duration PATIENCE = Duration.ofMinutes(2);
  private static final String LINE = "  %-16s %s%n";

  @Mixin SparkOptions spark = new SparkOptions();
  @Mixin CommonOptions common = new CommonOptions();

  @Override
  public Integer call() {
    SparkSettings settings = spark.settings();
    List<String> problems = new ArrayList<>();
    HostReport driver = HostCheck.driver(settings.hadoop());
    System.out.printf(
        "longrope %s on %s%n", Versions.toJson().path("longrope").asText(), driver.host());
    show(driver, "", problems);
    if (!settings.isLocal()) {
      System.out.printf("%nexecutors of %s%n", settings.effectiveMaster());
      try (JavaSparkContext context = settings.start("longrope doctor")) {
        ClusterCheck.Result result = ClusterCheck.run(context, PATIENCE);
        for (HostReport executor : result.executors()) {
          String name = "executor " + executor.executor() + " on " + executor.host();
          System.out.println(name);
          show(executor, name + ": ", problems);
        }
        problems.addAll(result.problems());
      }
    }
    System.out.println();
    problems.forEach(problem -> System.out.println("problem: " + problem));
    System.out.println(
        switch (problems.size()) {
          case 0 -> "No problem found.";
          case 1 -> "1 problem found.";
          default -> problems.size() + " problems found.";
        });
    System.out.println("'longrope inspect MODEL' shows a model, or why it is not supported.");
    return problems.isEmpty() ? 0 : Main.EXIT_FAILED;
  }

  private static void show(HostReport report, String name, List<String> problems) {
    for (String fact : report.facts()) {
      String[] parts = fact.split(": ", 2);
      System.out.printf(LINE, parts[0], parts[1]);
    }
    report.problems().forEach(problem -> problems.add(name + problem));
  }
}
