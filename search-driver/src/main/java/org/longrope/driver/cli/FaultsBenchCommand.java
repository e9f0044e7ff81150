package org.longrope.driver.cli;

import com.fasterxml.jackson.databind.node.ObjectNode;
import java.io.IOException;
import java.nio.file.Path;
import java.time.Duration;
import java.util.List;
import java.util.Map;
import java.util.concurrent.Callable;
import org.apache.spark.api.java.JavaSparkContext;
import org.longrope.driver.execution.spark.SparkSettings;
import org.longrope.driver.lab.bench.DriverProcess;
import org.longrope.driver.lab.bench.FaultsBench;
import org.longrope.driver.lab.bench.Forecast;
import org.longrope.driver.lab.cluster.ClusterRequest;
import org.longrope.driver.lab.cluster.ClusterStatus;
import org.longrope.driver.lab.cluster.DevelopmentCluster;
import org.longrope.eval.BadInputException;
import org.longrope.eval.Json;
import org.longrope.eval.checkpoint.Checkpoint;
import org.longrope.eval.decoder.AttentionWindow;
import org.longrope.eval.decoder.Libtorch;
import org.longrope.eval.decoder.ResidentModel;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Option;

@Command(
    name = "faults",
    description = {
      "Runs a search while executors and the driver are killed.",
      "The search has its own development cluster. A random executor is killed every --kill-every",
      "seconds, the driver twice; the factors must be those of the same search without faults."
    },
    footer = "bin/longrope bench faults --minutes 2")
final class FaultsBenchCommand implements Callable<Integer> {
  private static final int TARGET_LENGTH = 1024;
  private static final int DOCUMENTS = 2;
  private static final int OFFSPRING = 16;
  private static final int WORKERS = 2;

  /** Share of the time in which evaluations make progress despite the killer, as measured. */
  private static final double SHARE_OF_TIME = 0.27;

  /** A search counts as stuck after this many times its expected time, plus as many minutes. */
  private static final int TIMES_THE_TIME = 10;

  @Option(
      names = "--minutes",
      paramLabel = "N",
      description = "About how long the disturbed search takes.")
  double minutes = 5;

  @Option(
      names = "--kill-every",
      paramLabel = "S",
      description = "Seconds between killed executors.")
  int killEvery = 30;

  @Option(
      names = "--output",
      paramLabel = "DIR",
      description = "Directory of the results: a free one under runs.")
  Path output = Demonstration.freeDirectory("faults");

  @Mixin JsonOption json = new JsonOption();

  @Mixin HadoopOptions files = new HadoopOptions();
  @Mixin CommonOptions common = new CommonOptions();

  @Override
  public Integer call() throws IOException, InterruptedException {
    if (!(minutes > 0) || !(killEvery >= 1)) {
      throw BadInputException.of(
          "--minutes is %s and --kill-every is %d: expected more than 0.", minutes, killEvery);
    }
    json.requireWritable(files.hadoop());
    Demonstration demonstration = Demonstration.ofCheckout();
    Path directory = output.toAbsolutePath();
    Path data = directory.resolve("data");
    try (JavaSparkContext context =
        new SparkSettings("local[2]", Map.of()).start("longrope bench faults")) {
      demonstration.prepare(context, data.toString(), TARGET_LENGTH);
    }
    DevelopmentCluster cluster = new DevelopmentCluster(directory.resolve("cluster"));
    FaultsBench.Result result;
    try {
      ClusterStatus status = cluster.start(new ClusterRequest(WORKERS, 1, "fake:1")).status();
      result =
          new FaultsBench(
                  new DriverProcess(
                      Main.class, Map.of("LONGROPE_CLUSTER", cluster.directory().toString())),
                  Duration.ofSeconds(killEvery),
                  Duration.ofMinutes((long) (TIMES_THE_TIME * minutes) + TIMES_THE_TIME),
                  line -> Progress.line("%s", line))
              .run(search(demonstration.model(), data), status, directory);
    } finally {
      cluster.stop();
    }
    ObjectNode results = Json.tree(result);
    System.out.println(results);
    json.write(results, files.hadoop());
    return result.withstood() ? 0 : Main.EXIT_FAILED;
  }

  private List<String> search(Path model, Path data) {
    return List.of(
        "--model=" + model,
        "--data=" + data,
        "--target-length=" + TARGET_LENGTH,
        "--documents=" + DOCUMENTS,
        "--held-out-documents=2",
        "--population=" + OFFSPRING,
        "--parents=8",
        "--mutations=" + OFFSPRING / 2,
        "--crossovers=" + OFFSPRING / 2,
        "--iterations=" + iterations(model),
        "--seed=7");
  }

  /** Returns the number of generations that take about the time of --minutes. */
  private int iterations(Path model) {
    Libtorch.useThreads(1);
    DeviceLines.print(1);
    double seconds;
    try (ResidentModel resident =
        ResidentModel.load(Checkpoint.open(model), AttentionWindow.CONFIG, TARGET_LENGTH)) {
      seconds = new Forecast(resident, AttentionWindow.CONFIG, false).seconds(TARGET_LENGTH);
    }
    double evaluations = minutes * 60 * SHARE_OF_TIME * WORKERS / seconds;
    return Math.max(4, (int) (evaluations / (DOCUMENTS * OFFSPRING)));
  }
}
