package org.longrope.driver.cli;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.TimeUnit;
import java.util.function.Consumer;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.longrope.driver.Captured;
import org.longrope.driver.TinyWorld;
import org.longrope.driver.run.Runs;

/** kill -9 of a real driver in its own JVM, wherever it is, then resume. */
@Tag("cluster")
class KilledDriverTest {
  private static final TinyWorld WORLD = TinyWorld.shared();

  @TempDir static Path directory;
  private static Path unbroken;

  @BeforeAll
  static void runWithoutABreak() {
    unbroken = directory.resolve("unbroken");
    Captured run = Captured.run((Object[]) search(unbroken).toArray(String[]::new));
    assertThat(run.exitCode()).as(run.err()).isZero();
    assertThat(run.out()).contains("found", unbroken + "/factors.json");
  }

  private static List<String> search(Path output) {
    return List.of(
        "search",
        "--model=" + WORLD.model(),
        "--data=" + WORLD.data(),
        "--output=" + output,
        "--target-length=128",
        "--documents=3",
        "--held-out-documents=3",
        "--population=8",
        "--parents=4",
        "--mutations=4",
        "--crossovers=4",
        "--iterations=6",
        "--seed=11",
        "--master=local[1]");
  }

  /** Starts a driver and ends it once its journal has so many lines. */
  private static String endAfter(int lines, Path output, Consumer<Process> ending, String... conf)
      throws IOException, InterruptedException {
    Path log = log(output);
    List<String> words = new ArrayList<>(search(output));
    words.addAll(List.of(conf));
    Process driver = OwnProcess.start(words, log);
    Path segment = output.resolve("journal/segment-000000.jsonl");
    long deadline = System.nanoTime() + TimeUnit.MINUTES.toNanos(2);
    while (lines(segment) < lines && driver.isAlive() && System.nanoTime() < deadline) {
      TimeUnit.MILLISECONDS.sleep(1);
    }
    ending.accept(driver);
    assertThat(driver.waitFor(1, TimeUnit.MINUTES)).isTrue();
    assertThat(lines(segment))
        .as("lines journalled: %s", Runs.text(log))
        .isGreaterThanOrEqualTo(lines);
    return Runs.text(log);
  }

  private static Path log(Path output) {
    return output.resolveSibling(output.getFileName() + ".log");
  }

  private static long lines(Path segment) throws IOException {
    if (!Files.exists(segment)) {
      return 0;
    }
    long lines = 0;
    for (byte b : Files.readAllBytes(segment)) {
      lines += b == '\n' ? 1 : 0;
    }
    return lines;
  }

  @Test
  void resume_afterAKillAnywhere_hasTheResultOfAnUninterruptedRun() throws Exception {
    int all = Runs.journalLines(unbroken).size();
    // Among the baselines, amid the generations, and in the final phase (held out, own window).
    int finalPhase =
        (int)
            Runs.journalLines(unbroken).stream()
                .filter(line -> !line.contains("held-out") && !line.contains("original-window"))
                .count();
    assertThat(finalPhase).isLessThan(all);
    for (int n : new int[] {2, 3 + finalPhase / 2, finalPhase + 2}) {
      Path run = directory.resolve("killed-" + n);
      endAfter(n, run, Process::destroyForcibly);
      String before = Runs.text(Runs.segments(run).get(0));
      String kept = before.substring(0, before.lastIndexOf('\n') + 1);

      Captured resumed = Captured.run("resume", run, "--master", "local[1]");

      assertThat(resumed.exitCode()).as(resumed.err()).isZero();
      for (String file : List.of("factors.json", "summary.txt", "summary.json")) {
        assertThat(run.resolve(file)).hasSameBinaryContentAs(unbroken.resolve(file));
      }
      assertThat(Runs.text(Runs.segments(run).get(0))).startsWith(kept);
      if (kept.equals(before)) {
        assertThat(Runs.journalContents(run)).isEqualTo(Runs.journalContents(unbroken));
      }
    }
  }

  @Test
  void search_interrupted_reportsTheInterruptionAndIsResumed() throws Exception {
    Path run = directory.resolve("interrupted");
    int[] exitCode = {0};
    String output =
        endAfter(
            12,
            run,
            driver -> {
              driver.destroy();
              exitCode[0] = driver.onExit().join().exitValue();
            });
    assertThat(exitCode[0]).as(output).isEqualTo(128 + 15);
    assertThat(
            output
                .lines()
                .filter(
                    line ->
                        !line.startsWith("original window:")
                            && !line.startsWith("to beat:")
                            && !line.startsWith("gen")))
        .filteredOn(line -> !line.startsWith("one evaluation") && !line.startsWith("WARNING: "))
        .filteredOn(line -> !line.matches("(device|the whole search|in all): .*"))
        .singleElement()
        .asString()
        .startsWith("longrope: Interrupted: ");
    assertThat(OwnProcess.crash(log(run))).doesNotExist();
    Captured resumed = Captured.run("resume", run, "--master", "local[1]");
    assertThat(resumed.exitCode()).as(resumed.err()).isZero();
    assertThat(run.resolve("factors.json"))
        .hasSameBinaryContentAs(unbroken.resolve("factors.json"));
  }

  @Test
  void search_onAMachineThatSlept_losesNoExecutor() throws Exception {
    Path run = directory.resolve("slept");
    // As a night's sleep is to Spark's two minutes.
    String output =
        endAfter(
            2,
            run,
            KilledDriverTest::sleepLonger,
            "--conf=spark.executor.heartbeatInterval=1s",
            "--conf=spark.network.timeoutInterval=1s",
            "--conf=spark.network.timeout=4s");
    assertThat(output).contains("found").doesNotContain("ERROR");
    assertThat(run.resolve("factors.json"))
        .hasSameBinaryContentAs(unbroken.resolve("factors.json"));
  }

  private static void sleepLonger(Process driver) {
    try {
      signal("STOP", driver);
      TimeUnit.SECONDS.sleep(8);
      signal("CONT", driver);
    } catch (IOException | InterruptedException e) {
      throw new IllegalStateException(e);
    }
  }

  private static void signal(String name, Process driver) throws IOException, InterruptedException {
    new ProcessBuilder("kill", "-" + name, Long.toString(driver.pid())).start().waitFor();
  }

  @Test
  void searchOrResume_givenAgain_resumesAndRefusesOtherSettings() {
    Path run = directory.resolve("or-resume");
    List<String> words = new ArrayList<>(search(run));
    words.add("--or-resume");
    assertThat(Captured.run(words.toArray()).exitCode()).isZero();
    List<String> journal = Runs.journalContents(run);
    Captured again = Captured.run(words.toArray());
    assertThat(again.exitCode()).as(again.err()).isZero();
    assertThat(again.out()).contains("found", run + "/factors.json");
    assertThat(again.err()).doesNotContain("settings");
    words.add("--patience=2h");
    Captured morePatient = Captured.run(words.toArray());
    assertThat(morePatient.exitCode()).as(morePatient.err()).isZero();
    words.set(words.indexOf("--seed=11"), "--seed=12");
    Captured other = Captured.run(words.toArray());
    assertThat(other.exitCode()).isEqualTo(Main.EXIT_BAD_INPUT);
    assertThat(other.errors()).singleElement().asString().contains(run + " holds a run with other");
    Captured impatient = Captured.run("resume", run, "--patience", "soon");
    assertThat(impatient.errors())
        .containsExactly(
            "longrope: timeout is soon: expected a time such as 30m or 2h, 0s or more.");
    assertThat(Runs.journalContents(run)).isEqualTo(journal);
  }
}
