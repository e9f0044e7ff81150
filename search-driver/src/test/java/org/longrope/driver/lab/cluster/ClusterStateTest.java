package org.longrope.driver.lab.cluster;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.attribute.PosixFilePermissions;
import java.time.Instant;
import java.util.List;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;
import org.longrope.eval.BadInputException;

class ClusterStateTest {
  @TempDir Path directory;

  private static ClusterProcess process(String role, long pid) {
    return new ClusterProcess(
        role,
        pid,
        Instant.parse("2026-01-02T03:04:05.060Z"),
        role.equals("master") ? 7000 : null,
        8000,
        Path.of("/logs/" + role + ".log"));
  }

  private static final ClusterState STATE =
      new ClusterState(
          new ClusterShape(2, 3, new GpuDiscovery(4, true)),
          7000,
          List.of(process("master", 10), process("worker-1", 11), process("worker-2", 12)));

  @Test
  void read_writtenFile_isEqual() {
    Path file = directory.resolve("cluster.json");
    STATE.write(file);
    assertThat(ClusterState.read(file)).contains(STATE);
    assertThat(STATE.masterUrl()).isEqualTo("spark://127.0.0.1:7000");
  }

  @Test
  void write_leavesOneFileForItsOwnerAlone() throws IOException {
    Path file = directory.resolve("cluster.json");
    STATE.write(file);
    STATE.write(file);
    assertThat(PosixFilePermissions.toString(Files.getPosixFilePermissions(file)))
        .isEqualTo("rw-------");
    assertThat(directory).isDirectoryContaining("glob:**cluster.json");
    assertThat(directory.toFile().list()).hasSize(1);
  }

  @Test
  void read_fileOfAnEarlierVersion_isEqual() throws IOException {
    String process =
        """
        {
            "role" : "%s",
            "pid" : %d,
            "started" : "2026-01-02T03:04:05.060Z",%s
            "ui_port" : 8000,
            "ui" : "http://127.0.0.1:8000",
            "log" : "/logs/%s.log"
          }\
        """;
    String text =
        """
        {
          "master" : "spark://127.0.0.1:7000",
          "master_ui" : "http://127.0.0.1:8000",
          "master_port" : 7000,
          "workers" : 2,
          "cores_per_worker" : 3,
          "gpus_per_worker" : "fake:4",
          "processes" : [ %s, %s, %s ]
        }
        """
            .formatted(
                process.formatted("master", 10, "\"port\" : 7000,", "master"),
                process.formatted("worker-1", 11, "", "worker-1"),
                process.formatted("worker-2", 12, "", "worker-2"));
    Path file = Files.writeString(directory.resolve("cluster.json"), text);
    assertThat(ClusterState.read(file)).contains(STATE);
  }

  @Test
  void read_ofNoFile_isEmpty() {
    assertThat(ClusterState.read(directory.resolve("cluster.json"))).isEmpty();
  }

  @ParameterizedTest
  @ValueSource(strings = {"", "{", "[]", "{}", "{\"processes\": [{\"role\": \"master\"}]}"})
  void read_ofSomethingElse_isRejected(String content) throws IOException {
    Path file = Files.writeString(directory.resolve("cluster.json"), content);
    assertThatThrownBy(() -> ClusterState.read(file))
        .isInstanceOf(BadInputException.class)
        .hasMessageContaining("cluster.json");
  }

  @Test
  void with_aProcessThatWasStartedAgain_keepsTheOrder() {
    assertThat(STATE.with(process("master", 20)).processes())
        .extracting(ClusterProcess::pid)
        .containsExactly(20L, 11L, 12L);
    assertThat(STATE.with(process("worker-3", 20)).processes())
        .extracting(ClusterProcess::role)
        .containsExactly("master", "worker-1", "worker-2", "worker-3");
  }

  @Test
  void request_withNulls_keepsPresentValues() {
    ClusterShape present = STATE.shape();
    assertThat(new ClusterRequest(null, null, null).over(present)).isEqualTo(present);
    assertThat(new ClusterRequest(5, null, "2").over(present))
        .isEqualTo(new ClusterShape(5, 3, new GpuDiscovery(2, false)));
  }
}
