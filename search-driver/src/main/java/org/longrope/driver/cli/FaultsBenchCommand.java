package org.longrope.driver.cli;

import com.fasterxml.jackson.databind.node.JsonNodeFactory;
import com.fasterxml.jackson.databind.node.ObjectNode;
import java.io.IOException;
import java.nio.file.Path;
import java.time.Duration;
import java.util.List;
import java.util.Map;
import java.util.concurrent.Callable;
import org.apache.spark.api.java.JavaSparkContext;
import org.jspecify.annotations.Nullable;
import org.longrope.driver.execution.spark.SparkSettings;
import org.longrope.driver.lab.bench.DriverProcess;
import org.longrope.driver.lab.bench.FaultsBench;
import org.longrope.driver.lab.bench.Forecast;
import org.longrope.driver.lab.cluster.ClusterRequest;
import org.longrope.driver.lab.cluster.ClusterStatus;
import org.longrope.driver.lab.cluster.DevelopmentCluster;
import org.longrope.driver.store.files.FileLocation;
import org.longrope.eval.BadInputException;
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
      "A search on a development cluster of its own, while a killer ends a random executor every 30"
          + " s and the driver twice.",
      "It must end with the factors of the same search undisturbed."
    })
final class FaultsBenchCommand implements Callable<Integer> {
  private static final int TARGET_LENGTH = 1024;
  private static final int DOCUMENTS = 2;
  private static final int OFFSPRING = 16;
  private static final int WORKERS = 2;

  /** Of the time that the killer leaves, as measured. */
  private static final double SHARE_OF_TIME = 0.27;

  /** After so many times what it should take, and as many minutes, a search is taken for stuck. */
  private static final int TIMES_THE_TIME = 10;

  @Option(
      names = "--minutes",
      paramLabel = "N",
      description = "About how long the disturbed search takes; default ${DEFAULT-VALUE}.")
  double minutes = 5;

  @Option(
      names = "--kill-every",
      paramLabel = "S",
      description = "Seconds between killed executors; default ${DEFAULT-VALUE}.")
  int killEvery = 30;

  @Option(
      names = "--output",
      paramLabel = "DIR",
      description = "Where to write; default: runs/faults, or the next free number after it.")
  Path output = Demonstration.freeDirectory("faults");

  @Option(names = "--json", paramLabel = "FILE", description = "Write the result there.")
  @Nullable FileLocation json;

  @Mixin HadoopOptions files = new HadoopOptions();
  @Mixin CommonOptions common = new CommonOptions();

  @Override
  public Integer call() throws IOException, InterruptedException {
    if (!(minutes > 0) || !(killEvery >= 1)) {
      throw BadInputException.of(
          "--minutes is %s and --kill-every is %d: expected more than 0.", minutes, killEvery);
    }
    OutputFile.requireWritable("--json", json, files.hadoop());
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
    ObjectNode text = toJson(result);
    System.out.println(text);
    if (json != null) {
      OutputFile.write(json, text + "\n", files.hadoop());
    }
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

  /** So many generations as should take the time. */
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

  private static ObjectNode toJson(FaultsBench.Result result) {
    return JsonNodeFactory.instance
        .objectNode()
        .put("executors_killed", result.executorsKilled())
        .put("drivers_killed", result.driversKilled())
        .put("evaluations", result.evaluations())
        .put("evaluations_lost", result.lost())
        .put("evaluations_counted_twice", result.twice())
        .put("same_factors", result.sameFactors());
  }
}
