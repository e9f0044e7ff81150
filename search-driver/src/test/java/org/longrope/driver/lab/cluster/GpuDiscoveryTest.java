package org.longrope.driver.lab.cluster;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;
import org.longrope.eval.BadInputException;

class GpuDiscoveryTest {
  @TempDir Path directory;

  /** Returns the output of the script where nvidia-smi lists three GPUs. */
  private String run(Path script, String visible) throws IOException, InterruptedException {
    Path tools = Files.createDirectories(directory.resolve("tools"));
    ClusterFiles.write(
        tools.resolve("nvidia-smi"), "#!/bin/sh\nprintf '0\\n1\\n2\\n'\n", "rwx------");
    ProcessBuilder builder = new ProcessBuilder(script.toString()).redirectErrorStream(true);
    builder.environment().merge("PATH", tools.toString(), (path, first) -> first + ":" + path);
    builder.environment().remove("CUDA_VISIBLE_DEVICES");
    if (visible != null) {
      builder.environment().put("CUDA_VISIBLE_DEVICES", visible);
    }
    Process process = builder.start();
    String out = new String(process.getInputStream().readAllBytes(), StandardCharsets.UTF_8);
    assertThat(process.waitFor()).as(out).isZero();
    return out.strip();
  }

  @Test
  void writeScript_givesEveryWorkerItsOwnGpus() throws Exception {
    GpuDiscovery one = GpuDiscovery.parse("1");
    assertThat(run(one.writeScript(directory, 1), null))
        .isEqualTo("{\"name\":\"gpu\",\"addresses\":[\"0\"]}");
    assertThat(run(one.writeScript(directory, 3), null))
        .isEqualTo("{\"name\":\"gpu\",\"addresses\":[\"2\"]}");
    assertThat(run(GpuDiscovery.parse("2").writeScript(directory, 1), null))
        .isEqualTo("{\"name\":\"gpu\",\"addresses\":[\"0\",\"1\"]}");
  }

  @Test
  void writeScript_ofFakeGpus_countsOnOverTheWorkers() throws Exception {
    GpuDiscovery fake = GpuDiscovery.parse("fake:2");
    assertThat(run(fake.writeScript(directory, 1), null))
        .isEqualTo("{\"name\":\"gpu\",\"addresses\":[\"fake-0\",\"fake-1\"]}");
    assertThat(run(fake.writeScript(directory, 2), null))
        .isEqualTo("{\"name\":\"gpu\",\"addresses\":[\"fake-2\",\"fake-3\"]}");
  }

  @ParameterizedTest
  @CsvSource(
      delimiter = '|',
      value = {
        "2,1|\"2\",\"1\"",
        "'1, 0'|\"1\",\"0\"",
        "GPU-a1,GPU-b2|\"GPU-a1\",\"GPU-b2\"",
        "0,-1,2|\"0\"",
        "-1|''",
        "''|''"
      })
  void hostScript_visibleDevicesSet_takesThose(String visible, String addresses) throws Exception {
    Path script = Path.of("..", "conf", "gpu-discovery.sh").toAbsolutePath();
    assertThat(run(script, visible))
        .isEqualTo("{\"name\":\"gpu\",\"addresses\":[" + addresses + "]}");
  }

  @Test
  void hostScript_withoutSettings_listsAllGpus() throws Exception {
    Path script = Path.of("..", "conf", "gpu-discovery.sh").toAbsolutePath();
    assertThat(run(script, null)).isEqualTo("{\"name\":\"gpu\",\"addresses\":[\"0\",\"1\",\"2\"]}");
  }

  @Test
  void requireOnHost_moreGpusThanPresent_isRejected() {
    assertThatThrownBy(() -> GpuDiscovery.parse("9999").requireOnHost(2))
        .isInstanceOf(BadInputException.class)
        .hasMessageContaining("expected 19998")
        .hasMessageContaining("fake:9999");
    GpuDiscovery.parse("fake:9999").requireOnHost(2);
    GpuDiscovery.NONE.requireOnHost(2);
  }

  @ParameterizedTest
  @ValueSource(strings = {"", "-1", "one", "fake", "fake:", "fake:x", "1.5", "99999"})
  void parse_ofSomethingElse_isRejected(String text) {
    assertThatThrownBy(() -> GpuDiscovery.parse(text))
        .isInstanceOf(BadInputException.class)
        .hasMessageContaining("--gpus-per-worker");
  }
}
