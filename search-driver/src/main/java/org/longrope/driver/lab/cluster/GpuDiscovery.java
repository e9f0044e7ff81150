package org.longrope.driver.lab.cluster;

import com.fasterxml.jackson.databind.json.JsonMapper;
import java.io.IOException;
import java.io.InputStream;
import java.io.UncheckedIOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Map;
import java.util.stream.Collectors;
import java.util.stream.IntStream;
import org.apache.hadoop.fs.FileUtil;
import org.longrope.eval.BadInputException;

/**
 * Discovery of GPUs by the workers of one host. Each worker has its own script, since two workers
 * with one script would offer the same GPUs.
 *
 * @param perWorker GPUs of each worker
 * @param fake whether the addresses are made up, for trying scheduling without GPUs
 */
record GpuDiscovery(int perWorker, boolean fake) {
  static final GpuDiscovery NONE = new GpuDiscovery(0, false);

  private static final String FAKE = "fake:";
  private static final String HOST_SCRIPT = "gpu-discovery.sh";

  /**
   * Reads the number of GPUs.
   *
   * @param text a number, or fake: and a number
   * @throws BadInputException if it is neither
   */
  static GpuDiscovery parse(String text) {
    boolean fake = text.startsWith(FAKE);
    String number = fake ? text.substring(FAKE.length()) : text;
    if (!number.matches("\\d{1,4}")) {
      throw BadInputException.of(
          "--gpus-per-worker is %s: expected a number of GPUs such as 1, or fake:1 for addresses"
              + " without a device.",
          text);
    }
    return new GpuDiscovery(Integer.parseInt(number), fake);
  }

  @Override
  public String toString() {
    return (fake ? FAKE : "") + perWorker;
  }

  /**
   * Writes the script of a worker.
   *
   * @param worker 1 for the first
   * @return the script
   */
  Path writeScript(Path folder, int worker) {
    int first = (worker - 1) * perWorker;
    Path script = folder.resolve("gpu-worker-" + worker + ".sh");
    String body;
    if (fake) {
      String addresses =
          IntStream.range(first, first + perWorker)
              .mapToObj(gpu -> "\"fake-" + gpu + "\"")
              .collect(Collectors.joining(","));
      body = "echo '{\"name\":\"gpu\",\"addresses\":[" + addresses + "]}'";
    } else {
      body =
          "LONGROPE_GPU_FIRST=%d LONGROPE_GPU_COUNT=%d exec \"$(dirname \"$0\")/%s\""
              .formatted(first, perWorker, writeHostScript(folder).getFileName());
    }
    ClusterFiles.write(script, "#!/bin/sh\n" + body + "\n", "rwx------");
    return script;
  }

  private static Path writeHostScript(Path folder) {
    Path script = folder.resolve(HOST_SCRIPT);
    try (InputStream stream = GpuDiscovery.class.getResourceAsStream("/conf/" + HOST_SCRIPT)) {
      if (stream == null) {
        throw new IllegalStateException("conf/" + HOST_SCRIPT + " is not on the class path");
      }
      String content = new String(stream.readAllBytes(), StandardCharsets.UTF_8);
      ClusterFiles.write(script, content, "rwx------");
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
    return script;
  }

  /**
   * Checks that the host has enough GPUs, before workers fail without them.
   *
   * @throws BadInputException if it has fewer
   */
  void requireOnHost(int workers) {
    if (fake || perWorker == 0) {
      return;
    }
    int found = onHost();
    if (found < workers * perWorker) {
      throw BadInputException.of(
          "This host shows %d GPUs by nvidia-smi: expected %d, %d for each of %d workers; ask for"
              + " fewer, or for fake:%d.",
          found, workers * perWorker, perWorker, workers, perWorker);
    }
  }

  private static int onHost() {
    try {
      Path folder = Files.createTempDirectory("longrope-gpus");
      try {
        return count(writeHostScript(folder));
      } finally {
        FileUtil.fullyDelete(folder.toFile());
      }
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
      throw new IllegalStateException("Interrupted while asking for GPUs", e);
    }
  }

  private static int count(Path script) throws IOException, InterruptedException {
    Process process =
        new ProcessBuilder(script.toString())
            .redirectError(ProcessBuilder.Redirect.DISCARD)
            .start();
    String answer = new String(process.getInputStream().readAllBytes(), StandardCharsets.UTF_8);
    if (process.waitFor() != 0) {
      return 0; // No nvidia-smi, or no driver behind it.
    }
    return new JsonMapper().readTree(answer).path("addresses").size();
  }

  /** Returns the Spark properties that give each executor one GPU and each GPU one task. */
  Map<String, String> applicationSettings() {
    return perWorker == 0
        ? Map.of()
        : Map.of(
            "spark.executor.resource.gpu.amount",
            "1",
            "spark.task.resource.gpu.amount",
            "1",
            "spark.executor.cores",
            "1");
  }
}
