package org.longrope.driver.lab.bench;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.concurrent.CompletableFuture;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.longrope.driver.Captured;
import org.longrope.driver.TinyWorld;
import org.longrope.driver.cli.Main;
import org.longrope.driver.lab.cluster.ClusterProcess;
import org.longrope.driver.lab.cluster.ClusterRequest;
import org.longrope.driver.lab.cluster.ClusterStatus;
import org.longrope.driver.lab.cluster.DevelopmentCluster;
import org.longrope.driver.run.Runs;

/** Executors, workers and drivers in processes of their own die while they work. */
@Tag("cluster")
class FaultsBenchTest {
  private static final TinyWorld WORLD = TinyWorld.shared();

  @TempDir static Path directory;
  private static DevelopmentCluster cluster;

  @BeforeAll
  static void start() {
    cluster = new DevelopmentCluster(directory.resolve("cluster"));
    cluster.start(new ClusterRequest(2, 1, "fake:1"));
  }

  @AfterAll
  static void stop() {
    cluster.stop();
  }

  private static List<String> search(int iterations) {
    return List.of(
        "--model=" + WORLD.model(),
        "--data=" + WORLD.data(),
        "--target-length=128",
        "--documents=3",
        "--held-out-documents=2",
        "--population=32",
        "--parents=8",
        "--mutations=16",
        "--crossovers=16",
        "--iterations=" + iterations,
        "--seed=5");
  }

  @Test
  void search_withExecutorsAndDriversKilled_findsWhatTheUndisturbedFinds() throws Exception {
    List<String> events = new ArrayList<>();
    FaultsBench.Result result =
        new FaultsBench(
                new DriverProcess(
                    Main.class, Map.of("LONGROPE_CLUSTER", cluster.directory().toString())),
                Duration.ofSeconds(15),
                Duration.ofMinutes(8),
                events::add)
            .run(search(6), cluster.status().orElseThrow(), directory);
    assertThat(result.withstood()).as("%s: %s", result, events).isTrue();
    assertThat(result.evaluations()).isGreaterThan(3 * 32);
  }

  private static Captured search(Path run) {
    List<String> words = new ArrayList<>(List.of("search"));
    words.addAll(search(6));
    ClusterStatus status = cluster.status().orElseThrow();
    words.addAll(List.of("--patience=20s", "--output=" + run, "--master=" + status.masterUrl()));
    status.applicationSettings().forEach((key, value) -> words.add("--conf=" + key + "=" + value));
    return Captured.run(words.toArray());
  }

  private static void killWorkers(Path run) {
    try {
      for (int looks = 0; LogLines.count(run) < 40; looks++) {
        assertThat(looks).as("looks at a journal that does not grow").isLessThan(2000);
        Thread.sleep(50);
      }
    } catch (IOException | InterruptedException e) {
      throw new IllegalStateException(e);
    }
    for (ClusterProcess worker : cluster.status().orElseThrow().processes().subList(1, 3)) {
      ProcessHandle process = ProcessHandle.of(worker.pid()).orElseThrow();
      process.descendants().forEach(ProcessHandle::destroyForcibly);
      process.destroyForcibly();
    }
  }

  @Test
  void search_allWorkersDie_stopsAfterTheTimeoutAndIsResumed() {
    Path run = directory.resolve("without-workers");
    CompletableFuture<Void> killer = CompletableFuture.runAsync(() -> killWorkers(run));
    Captured stopped = search(run);
    killer.join();
    assertThat(stopped.exitCode()).as(stopped.err()).isEqualTo(1);
    assertThat(stopped.errors().get(stopped.errors().size() - 1))
        .startsWith(
            "longrope: No executor has been there for 20 s: expected the cluster to replace them;"
                + " resume the run when it has some.");
    assertThat(stopped.err()).contains("is lost (");
    int kept = Runs.journalLines(run).size();
    assertThat(kept).isGreaterThan(40);

    Captured resumed = Captured.run("resume", run, "--master=local[2]");
    assertThat(resumed.exitCode()).as(resumed.err()).isZero();
    assertThat(Runs.journalContents(run)).doesNotHaveDuplicates().hasSizeGreaterThan(kept);
    cluster.start(new ClusterRequest(null, null, null));
  }
}
