package org.longrope.driver.lab.bench;

import com.fasterxml.jackson.annotation.JsonProperty;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.HashSet;
import java.util.List;
import java.util.Random;
import java.util.Set;
import java.util.concurrent.TimeUnit;
import java.util.function.Consumer;
import org.longrope.driver.lab.cluster.ClusterStatus;

/**
 * Benchmark of fault tolerance: a search on a cluster whose executors are killed one after the
 * other, and whose driver is killed twice, against an undisturbed search.
 */
public final class FaultsBench {
  private static final int DRIVER_KILLS = 2;
  private static final Duration LOOK = Duration.ofMillis(200);

  private final DriverProcess driver;
  private final Duration betweenKills;
  private final Duration longest;
  private final Consumer<String> progress;
  private final Random random = new Random(1);
  private int executorsKilled;
  private int driversKilled;

  /**
   * Prepares the benchmark.
   *
   * @param driver launcher of the drivers
   * @param betweenKills of executors
   * @param longest time of the disturbed search, after which it has failed
   * @param progress receives a line for each event
   */
  public FaultsBench(
      DriverProcess driver, Duration betweenKills, Duration longest, Consumer<String> progress) {
    this.driver = driver;
    this.betweenKills = betweenKills;
    this.longest = longest;
    this.progress = progress;
  }

  /**
   * Result of the benchmark.
   *
   * @param evaluations in the disturbed run's journal
   * @param lost evaluations that a journal had before a driver was killed, or that the undisturbed
   *     run has, and that the disturbed run has not
   * @param twice evaluations that the disturbed run has more than once
   * @param sameFactors whether both factors.json have the same bytes
   */
  public record Result(
      int executorsKilled,
      int driversKilled,
      int evaluations,
      @JsonProperty("evaluations_lost") int lost,
      @JsonProperty("evaluations_counted_twice") int twice,
      boolean sameFactors) {

    /** Tells whether all kills happened and had no effect on the result. */
    public boolean withstood() {
      return executorsKilled > 0
          && driversKilled == DRIVER_KILLS
          && lost == 0
          && twice == 0
          && sameFactors;
    }
  }

  /**
   * Searches undisturbed, and then on the cluster while processes are killed.
   *
   * @param search the search's options, without --master and --output
   * @param directory for both runs
   */
  public Result run(List<String> search, ClusterStatus cluster, Path directory)
      throws IOException, InterruptedException {
    Path undisturbed = directory.resolve("undisturbed");
    progress.accept("Undisturbed, on local[2].");
    Process calm = driver.start(search, "local[2]", undisturbed);
    DriverProcess.requireSuccess(calm, undisturbed);
    Set<String> expected = new HashSet<>(LogLines.evaluations(undisturbed));

    progress.accept("Disturbed, on " + cluster.masterUrl() + ".");
    Path disturbed = directory.resolve("disturbed");
    Set<String> seen = disturb(search, cluster, disturbed, expected.size());

    List<String> found = LogLines.evaluations(disturbed);
    Set<String> distinct = new HashSet<>(found);
    seen.addAll(expected);
    seen.removeAll(distinct);
    return new Result(
        executorsKilled,
        driversKilled,
        found.size(),
        seen.size(),
        found.size() - distinct.size(),
        Files.mismatch(undisturbed.resolve("factors.json"), disturbed.resolve("factors.json"))
            == -1);
  }

  /** Returns the evaluations that were in the journal whenever the driver was killed. */
  private Set<String> disturb(List<String> search, ClusterStatus cluster, Path run, int evaluations)
      throws IOException, InterruptedException {
    Set<String> seen = new HashSet<>();
    long begin = System.nanoTime();
    long nextKill = begin + betweenKills.toNanos();
    Process process = driver.start(search, cluster.masterUrl(), run);
    try {
      while (!process.waitFor(LOOK.toMillis(), TimeUnit.MILLISECONDS)) {
        if (System.nanoTime() - begin > longest.toNanos()) {
          throw new IllegalStateException(
              "The disturbed search has not ended after "
                  + longest.toMinutes()
                  + " minutes; see "
                  + run);
        }
        if (System.nanoTime() >= nextKill) {
          nextKill += betweenKills.toNanos();
          killExecutor(cluster);
        }
        int due = evaluations * (driversKilled + 1) / (DRIVER_KILLS + 1);
        if (driversKilled < DRIVER_KILLS && LogLines.count(run) >= due) {
          process.destroyForcibly().waitFor();
          driversKilled++;
          List<String> kept = LogLines.evaluations(run);
          seen.addAll(kept);
          progress.accept(
              String.format(
                  "Killed the driver after %d evaluations; starting it again.", kept.size()));
          process = driver.start(search, cluster.masterUrl(), run);
        }
      }
    } finally {
      process.destroyForcibly();
    }
    DriverProcess.requireSuccess(process, run);
    return seen;
  }

  private void killExecutor(ClusterStatus cluster) {
    List<ProcessHandle> executors = new ArrayList<>();
    cluster.processes().stream()
        .skip(1) // The master.
        .map(worker -> ProcessHandle.of(worker.pid()))
        .flatMap(java.util.Optional::stream)
        .forEach(worker -> worker.children().forEach(executors::add));
    if (executors.isEmpty()) {
      return; // Between two drivers.
    }
    ProcessHandle victim = executors.get(random.nextInt(executors.size()));
    if (victim.destroyForcibly()) {
      executorsKilled++;
      progress.accept("Killed executor process " + victim.pid() + ".");
    }
  }
}
