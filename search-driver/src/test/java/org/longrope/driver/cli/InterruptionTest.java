package org.longrope.driver.cli;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.concurrent.TimeUnit;
import java.util.stream.Collectors;
import java.util.stream.IntStream;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.condition.EnabledOnOs;
import org.junit.jupiter.api.condition.OS;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;
import org.longrope.driver.TinyWorld;
import org.longrope.driver.run.Runs;

/** SIGTERM while libtorch is in a call that takes longer than the JVM waits for native code. */
@EnabledOnOs(OS.LINUX)
@Tag("cluster")
class InterruptionTest {
  private static final int SIGTERM_EXIT = 128 + 15;

  @TempDir static Path directory;

  /** Long enough for one native call to take longer than the JVM waits for it when it ends. */
  private static final int LENGTH = 131_072;

  private static Path ids;

  @BeforeAll
  static void writeIds() throws IOException {
    ids =
        Files.writeString(
            directory.resolve("ids.json"),
            IntStream.range(0, LENGTH)
                .mapToObj(i -> String.valueOf(i % 50))
                .collect(Collectors.joining(",", "[", "]")));
  }

  @ParameterizedTest
  @ValueSource(ints = {0, 200, 400, 600, 900})
  void perplexity_terminatedWhileItComputes_endsWithTheSignalAndOneSentence(int afterMs)
      throws Exception {
    Path log = directory.resolve("log-" + afterMs);
    Process process =
        OwnProcess.start(
            List.of(
                "perplexity",
                "--model=" + TinyWorld.shared().model(),
                "--token-ids=" + ids,
                "--length=64," + LENGTH,
                "--threads=1"),
            log);
    long deadline = System.nanoTime() + TimeUnit.MINUTES.toNanos(2);
    while (!Runs.text(log).contains("1/2 evaluations")
        && process.isAlive()
        && System.nanoTime() < deadline) {
      TimeUnit.MILLISECONDS.sleep(5);
    }
    TimeUnit.MILLISECONDS.sleep(afterMs);

    process.destroy();

    assertThat(process.waitFor(1, TimeUnit.MINUTES)).isTrue();
    String output = Runs.text(log);
    assertThat(process.exitValue()).as(output).isEqualTo(SIGTERM_EXIT);
    assertThat(output.lines().filter(line -> line.startsWith("longrope: ")))
        .singleElement()
        .asString()
        .startsWith("longrope: Interrupted: ");
    assertThat(output.lines().reduce((first, last) -> last).orElse(""))
        .startsWith("longrope: Interrupted: ");
    assertThat(OwnProcess.crash(log)).doesNotExist();
  }
}
