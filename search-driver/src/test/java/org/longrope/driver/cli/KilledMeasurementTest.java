package org.longrope.driver.cli;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.longrope.driver.Captured;
import org.longrope.driver.TinyWorld;
import org.longrope.driver.run.Runs;

/** kill -9 of a passkey test in its own JVM, then the same command again. */
@Tag("numeric")
class KilledMeasurementTest {
  @TempDir private Path directory;

  private static List<String> passkey(Path model, Path output) {
    return List.of(
        "passkey",
        "--model=" + model,
        "--length=400,500",
        "--depths=5",
        "--trials=4",
        "--threads=1",
        "--output=" + output);
  }

  private static long lines(Path answers) throws IOException {
    return Files.exists(answers) ? Runs.text(answers).chars().filter(c -> c == '\n').count() : 0;
  }

  @Test
  void passkey_killedAmidItsTrials_endsLikeTheUnbrokenTest() throws Exception {
    Path model = TinyWorld.textModel(directory.resolve("model"), 4);
    Path killed = directory.resolve("killed");
    Path log = directory.resolve("log");
    Process driver = OwnProcess.start(passkey(model, killed), log);
    Path answers = killed.resolve("log/segment-000000.jsonl");
    long deadline = System.nanoTime() + TimeUnit.MINUTES.toNanos(2);
    while (lines(answers) < 4 && driver.isAlive() && System.nanoTime() < deadline) {
      TimeUnit.MILLISECONDS.sleep(1);
    }
    driver.destroyForcibly();
    assertThat(driver.waitFor(1, TimeUnit.MINUTES)).isTrue();
    assertThat(lines(answers)).as(Runs.text(log)).isBetween(4L, 41L);
    String before = Runs.text(answers);
    assertThat(killed.resolve("passkey.json")).doesNotExist();

    Captured resumed = Captured.run(passkey(model, killed).toArray());

    assertThat(resumed.exitCode()).as(resumed.err()).isZero();
    assertThat(Runs.text(answers)).isEqualTo(before);
    Path unbroken = directory.resolve("unbroken");
    assertThat(Captured.run(passkey(model, unbroken).toArray()).exitCode()).isZero();
    for (String file : List.of("passkey.json", "passkey.csv")) {
      assertThat(killed.resolve(file)).hasSameBinaryContentAs(unbroken.resolve(file));
    }
  }
}
