package org.longrope.driver.execution.worker;

import static org.assertj.core.api.Assertions.assertThat;

import java.nio.file.Path;
import java.time.Duration;
import java.util.List;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.condition.EnabledOnOs;
import org.junit.jupiter.api.condition.OS;
import org.junit.jupiter.api.io.TempDir;
import org.longrope.driver.TinyWorld;
import org.longrope.driver.cli.OwnProcess;
import org.longrope.driver.run.Runs;
import org.longrope.eval.checkpoint.Checkpoint;
import org.longrope.eval.decoder.AttentionWindow;
import org.longrope.eval.decoder.Libtorch;
import org.longrope.eval.decoder.ResidentModel;
import org.longrope.eval.rope.RescaleFactors;
import org.longrope.eval.rope.Rescaling;

@EnabledOnOs(OS.LINUX)
class WatchdogTest {
  @TempDir Path directory;

  private static final int LENGTH = 16_384;

  /**
   * A process with a watchdog of half a second over an evaluation of many seconds, which is one
   * native call of thousands of small operations.
   */
  static final class Hanging {
    private Hanging() {}

    public static void main(String[] arguments) {
      Libtorch.useThreads(1);
      try (ResidentModel model =
          ResidentModel.load(
              Checkpoint.open(Path.of(arguments[0])), AttentionWindow.parse("1"), LENGTH)) {
        Rescaling rescaling =
            new Rescaling(RescaleFactors.uniform(model.config().rope().pairs(), 2), 0, 1);
        model.nll(new int[64], 1, rescaling);
        try (Watchdog guard =
            Watchdog.arm(Duration.ofMillis(500).minus(Duration.ofMinutes(1)).toMillis())) {
          model.nll(new int[LENGTH], 1, rescaling);
        }
      }
    }
  }

  @Test
  void arm_processThatHangsInNativeCode_endsWithExitCode70() throws Exception {
    Path log = directory.resolve("log");
    String model = TinyWorld.shared().model().toString();

    Process process = OwnProcess.start(Hanging.class, List.of(model), log);

    assertThat(process.waitFor(2, TimeUnit.MINUTES)).isTrue();
    assertThat(process.exitValue()).as(Runs.text(log)).isEqualTo(70);
    assertThat(Runs.text(log)).contains("this executor ends itself");
    assertThat(OwnProcess.crash(log)).doesNotExist();
  }
}
