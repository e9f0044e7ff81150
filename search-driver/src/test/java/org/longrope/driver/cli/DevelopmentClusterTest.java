package org.longrope.driver.cli;

import static org.assertj.core.api.Assertions.assertThat;

import com.fasterxml.jackson.databind.JsonNode;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.stream.Stream;
import org.apache.spark.SecurityManager;
import org.apache.spark.SparkConf;
import org.apache.spark.rpc.RpcAddress;
import org.apache.spark.rpc.RpcEnv;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.MethodOrderer;
import org.junit.jupiter.api.Order;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.TestMethodOrder;
import org.junit.jupiter.api.io.TempDir;
import org.longrope.driver.Captured;
import org.longrope.driver.TinyWorld;
import org.longrope.driver.run.Runs;

/**
 * A real master and real workers in their own processes, from start to stop. The cluster's folder
 * is the one that LONGROPE_CLUSTER names, so that the master's URL alone is enough for a search.
 */
@Tag("cluster")
@TestMethodOrder(MethodOrderer.OrderAnnotation.class)
class DevelopmentClusterTest {
  private static final TinyWorld WORLD = TinyWorld.shared();
  private static final Path CLUSTER = ClusterDirectory.defaultFolder().toAbsolutePath();

  @TempDir static Path directory;

  @BeforeAll
  static void start() {
    Captured.run("cluster", "stop");
    Captured run = Captured.run("cluster", "start", "--workers=2", "--gpus-per-worker=fake:1");
    assertThat(run.exitCode()).as(run.err()).isZero();
    assertThat(run.out()).contains("Started master, worker-1, worker-2.", master());
  }

  @AfterAll
  static void stop() {
    Captured.run("cluster", "stop");
  }

  private static JsonNode state() {
    return Runs.json(CLUSTER.resolve("cluster.json"));
  }

  private static String master() {
    return state().path("master").asText();
  }

  private static List<ProcessHandle> processes() {
    List<ProcessHandle> processes = new ArrayList<>();
    for (JsonNode process : state().path("processes")) {
      ProcessHandle.of(process.path("pid").asLong()).ifPresent(processes::add);
    }
    return processes;
  }

  private static Captured search(Path output, String master) {
    return Captured.run(
        "search",
        "--model=" + WORLD.model(),
        "--data=" + WORLD.data(),
        "--output=" + output,
        "--target-length=128",
        "--documents=3",
        "--held-out-documents=1",
        "--population=6",
        "--parents=3",
        "--mutations=2",
        "--crossovers=2",
        "--iterations=2",
        "--master=" + master);
  }

  @Test
  @Order(1)
  void start_twice_changesNothing() {
    JsonNode before = state();
    Captured again = Captured.run("cluster", "start");
    assertThat(again.exitCode()).as(again.err()).isZero();
    assertThat(again.out()).contains("Nothing to do", master());
    Captured fewer = Captured.run("cluster", "start", "--workers=1");
    assertThat(fewer.out()).contains("Nothing to do", "2 workers run and 1 were requested");
    Captured other = Captured.run("cluster", "start", "--cores-per-worker=2");
    assertThat(other.exitCode()).isEqualTo(Main.EXIT_BAD_INPUT);
    assertThat(other.err()).contains("stop it first");
    assertThat(state()).isEqualTo(before);
  }

  @Test
  @Order(2)
  void search_byTheMastersUrlAlone_hasTheResultOfALocalSearch() {
    Captured local = search(directory.resolve("local"), "local[1]");
    assertThat(local.exitCode()).as(local.err()).isZero();
    Captured run = search(directory.resolve("cluster"), master());
    assertThat(run.exitCode()).as(run.err()).isZero();
    for (String file : List.of("factors.json", "summary.json")) {
      assertThat(directory.resolve("cluster").resolve(file))
          .hasSameBinaryContentAs(directory.resolve("local").resolve(file));
    }
    assertThat(run.err())
        .containsPattern("executor \\d on \\S+: device: CPU, 1 thread, ")
        .doesNotContainPattern("(?m)^device: ");
    // Both workers had an executor, each with a GPU of its own.
    assertThat(Runs.text(CLUSTER.resolve("logs/worker-1.log"))).contains("fake-0");
    assertThat(Runs.text(CLUSTER.resolve("logs/worker-2.log"))).contains("fake-1");
  }

  @Test
  @Order(2)
  void doctor_byTheMastersUrl_checksEveryExecutor() {
    Captured run = Captured.run("doctor", "--master=" + master());

    assertThat(run.exitCode()).as(run.out()).isZero();
    assertThat(run.out())
        .contains("executors of " + master(), "executor 0 on ", "executor 1 on ")
        .contains("No problem found.");
  }

  @Test
  @Order(2)
  void doctor_executorsWithoutTheNamedLibtorch_reportsTheProblemOfEach() {
    Captured run =
        Captured.run(
            "doctor",
            "--master=" + master(),
            "--conf=spark.executorEnv.PYTORCH_LIBRARY_PATH=" + directory);

    assertThat(run.exitCode()).as(run.out()).isEqualTo(Main.EXIT_FAILED);
    String problem = "PYTORCH_LIBRARY_PATH is " + directory + ", which has no ";
    assertThat(run.out())
        .containsPattern("problem: executor 0 on \\S+: \\Q" + problem)
        .containsPattern("problem: executor 1 on \\S+: \\Q" + problem)
        .contains("2 problems found.");
  }

  /** Asks the master's endpoint for an answer, as every worker and application begins. */
  private static boolean isServed(String secret) {
    SparkConf conf =
        new SparkConf(false)
            .set("spark.authenticate", "true")
            .set("spark.authenticate.secret", secret);
    SecurityManager security =
        new SecurityManager(
            conf,
            SecurityManager.$lessinit$greater$default$2(),
            SecurityManager.$lessinit$greater$default$3());
    RpcEnv rpc = RpcEnv.create("stranger", "127.0.0.1", 0, conf, security, false);
    try {
      rpc.setupEndpointRef(
          new RpcAddress("127.0.0.1", state().path("master_port").asInt()), "Master");
      return true;
    } catch (Exception e) {
      return false;
    } finally {
      rpc.shutdown();
    }
  }

  @Test
  @Order(3)
  void master_servesThoseWhoKnowTheSecret() {
    assertThat(isServed(Runs.text(CLUSTER.resolve("conf/secret")).strip())).isTrue();
    assertThat(isServed("guess")).isFalse();
  }

  @Test
  @Order(4)
  void start_afterAWorkerAndTheMasterDied_startsThemAgain() throws Exception {
    String url = master();
    for (int victim : new int[] {1, 0}) {
      ProcessHandle process = processes().get(victim);
      process.destroyForcibly();
      process.onExit().get();
      Captured status = Captured.run("cluster", "status");
      assertThat(status.exitCode()).isEqualTo(Main.EXIT_FAILED);
      assertThat(status.out()).containsPattern("\\Q" + process.pid() + "\\E\\s+dead");
      assertThat(status.out()).contains("cluster start");

      Captured start = Captured.run("cluster", "start");
      assertThat(start.exitCode()).as(start.err()).isZero();
      assertThat(start.out()).contains(victim == 0 ? "Started master." : "Started worker-1.");
      assertThat(master()).isEqualTo(url);
      Captured mended = Captured.run("cluster", "status");
      assertThat(mended.exitCode()).as(mended.out()).isZero();
      assertThat(mended.out()).contains(url, "2 workers registered");
    }
  }

  @Test
  @Order(5)
  void secret_isOnNoCommandLineInNoLogAndNotInTheState() throws IOException {
    String secret = Runs.text(CLUSTER.resolve("conf/secret")).strip();
    assertThat(secret).isNotEmpty();
    for (ProcessHandle process : processes()) {
      Path commandLine = Path.of("/proc", String.valueOf(process.pid()), "cmdline");
      if (Files.exists(commandLine)) {
        assertThat(Runs.text(commandLine)).isNotEmpty().doesNotContain(secret);
      }
    }
    try (Stream<Path> files = Files.walk(CLUSTER)) {
      for (Path file : files.filter(Files::isRegularFile).toList()) {
        boolean log = file.toString().matches(".*(\\.log|/stdout|/stderr|cluster\\.json)");
        if (log) {
          assertThat(file).content().doesNotContain(secret);
        }
      }
    }
  }

  @Test
  @Order(6)
  void stop_givenTwice_leavesNothing() {
    List<ProcessHandle> processes = processes();
    assertThat(processes).hasSize(3);
    Captured stop = Captured.run("cluster", "stop");
    assertThat(stop.exitCode()).as(stop.err()).isZero();
    assertThat(stop.out()).contains("Ended 3 processes.");
    assertThat(processes).noneMatch(process -> process.info().command().isPresent());
    assertThat(CLUSTER.resolve("conf")).doesNotExist();
    assertThat(Captured.run("cluster", "stop").out()).contains("Nothing to do");
    Captured status = Captured.run("cluster", "status");
    assertThat(status.exitCode()).isZero();
    assertThat(status.out()).contains("No cluster");
  }
}
