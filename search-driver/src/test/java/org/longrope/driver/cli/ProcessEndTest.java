package org.longrope.driver.cli;

import static org.assertj.core.api.Assertions.assertThat;

import java.nio.file.Path;
import java.util.List;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.longrope.driver.TinyWorld;
import org.longrope.driver.run.Runs;

/** Ends of processes, as a YARN application master and a shell see them. */
class ProcessEndTest {
  private static final String RETURNED = "main has returned";
  private static final TinyWorld WORLD = TinyWorld.shared();

  @TempDir private Path directory;

  /** Caller of {@link Main#main}, as YARN's application master and spark-submit are. */
  static final class Caller {
    private Caller() {}

    public static void main(String[] arguments) {
      Main.main(arguments);
      System.out.println(RETURNED);
    }
  }

  private record Ended(int exitCode, String log) {}

  private Ended run(List<String> arguments) throws Exception {
    Path log = directory.resolve("log");
    Process process = OwnProcess.start(Caller.class, arguments, log);
    try {
      assertThat(process.waitFor(5, TimeUnit.MINUTES)).as("%s", Runs.text(log)).isTrue();
    } finally {
      process.destroyForcibly();
    }
    return new Ended(process.exitValue(), Runs.text(log));
  }

  @Test
  void search_thatSucceeds_returnsFromMainAndEndsByItself() throws Exception {
    Ended ended =
        run(
            List.of(
                "search",
                "--master=local[2]",
                "--model=" + WORLD.model(),
                "--data=" + WORLD.data(),
                "--output=" + directory.resolve("run"),
                "--target-length=128",
                "--documents=2",
                "--held-out-documents=1",
                "--population=4",
                "--parents=2",
                "--mutations=1",
                "--crossovers=1",
                "--iterations=1"));
    assertThat(ended.exitCode()).as(ended.log()).isZero();
    assertThat(ended.log()).contains(RETURNED);
    assertThat(directory.resolve("run/factors.json")).exists();
  }

  @Test
  void commandWithoutSpark_thatSucceeds_returnsFromMainAndEndsByItself() throws Exception {
    Ended ended =
        run(
            List.of(
                "perplexity",
                "--model=" + WORLD.model(),
                "--data=" + WORLD.data(),
                "--length=64",
                "--threads=2",
                "--output=" + directory.resolve("measured")));
    assertThat(ended.exitCode()).as(ended.log()).isZero();
    assertThat(ended.log()).contains(RETURNED);
  }

  @Test
  void command_withBadInput_exitsWith2() throws Exception {
    Ended ended = run(List.of("status", directory.resolve("none").toString()));
    assertThat(ended.exitCode()).as(ended.log()).isEqualTo(Main.EXIT_BAD_INPUT);
    assertThat(ended.log()).doesNotContain(RETURNED);
  }
}
