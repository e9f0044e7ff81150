package org.longrope.driver.cli;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Map;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.longrope.driver.Captured;
import org.longrope.driver.TinyWorld;
import org.longrope.driver.run.Runs;

/** Commands where libtorch is in order, and where another is named that must not be loaded. */
class DoctorCommandTest {
  private static final TinyWorld WORLD = TinyWorld.shared();

  @TempDir Path directory;

  /** The lib folder of a wheel of torch of another version, with empty libraries. */
  private Map<String, String> anotherLibtorch() throws IOException {
    Path lib = Files.createDirectories(directory.resolve("torch/lib"));
    Files.createFile(lib.resolve(System.mapLibraryName("torch")));
    Files.writeString(directory.resolve("torch/version.py"), "__version__ = '2.15.0+cu130'\n");
    return Map.of("PYTORCH_LIBRARY_PATH", lib.toString());
  }

  private String ended(int exitCode, Process process, Path log) throws InterruptedException {
    assertThat(process.waitFor(2, TimeUnit.MINUTES)).isTrue();
    assertThat(process.exitValue()).as(Runs.text(log)).isEqualTo(exitCode);
    return Runs.text(log);
  }

  @Test
  void doctor_hostInOrder_showsWhatItComputesWith() {
    Captured run = Captured.run("doctor");

    assertThat(run.exitCode()).as(run.out()).isZero();
    assertThat(run.out())
        .contains("longrope 0.1.0", "Java  ", "Spark  ", "libtorch  ", "2.7.1", "instruction set")
        .contains("threads  ", "device  ", "file systems", "hdfs", "s3a", "No problem found.");
  }

  @Test
  void doctor_anotherLibtorch_namesTheProblemAndExitsWithOne() throws Exception {
    Path log = directory.resolve("log");

    Process process = OwnProcess.start(List.of("doctor"), log, anotherLibtorch());

    assertThat(ended(Main.EXIT_FAILED, process, log))
        .contains("problem: libtorch at ", " is 2.15.0+cu130: expected 2.7.1", "1 problem found.")
        .contains("file systems")
        .doesNotContain("Exception");
  }

  @Test
  void perplexity_anotherLibtorch_isRefusedInOneSentence() throws Exception {
    Path log = directory.resolve("log");

    Process process =
        OwnProcess.start(
            List.of(
                "perplexity",
                "--model=" + WORLD.model(),
                "--data=" + WORLD.data(),
                "--length=16",
                "--json=" + directory.resolve("result.json")),
            log,
            anotherLibtorch());

    assertThat(ended(Main.EXIT_BAD_INPUT, process, log).lines())
        .filteredOn(line -> !line.startsWith("WARNING: Using incubator modules"))
        .singleElement()
        .asString()
        .startsWith("longrope: libtorch at ")
        .contains("(PYTORCH_LIBRARY_PATH) is 2.15.0+cu130: expected 2.7.1");
    assertThat(directory.resolve("result.json")).doesNotExist();
  }

  @Test
  void commandsThatCompute_firstLines_nameTheDevice() {
    Captured perplexity =
        Captured.run(
            "perplexity",
            "--model=" + WORLD.model(),
            "--data=" + WORLD.data(),
            "--length=16",
            "--threads=2");
    assertThat(perplexity.exitCode()).as(perplexity.err()).isZero();
    assertThat(perplexity.err()).startsWith("device: ").contains("CPU, 2 threads, ");

    Captured forecast =
        Captured.run("bench", "forecast", "--model=" + WORLD.model(), "--length=64", "--threads=1");
    assertThat(forecast.exitCode()).as(forecast.err()).isZero();
    assertThat(forecast.err()).startsWith("device: CPU, 1 thread, ");
  }
}
