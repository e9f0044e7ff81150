package org.longrope.driver.lab.cluster;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.nio.file.Path;
import java.time.Duration;
import java.time.Instant;
import java.util.List;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.Test;

class ClusterProcessTest {
  private static ClusterProcess of(ProcessHandle process, Instant started) {
    return new ClusterProcess("worker-1", process.pid(), started, null, 1, Path.of("log"));
  }

  private static Instant start(ProcessHandle process) {
    return process.info().startInstant().orElseThrow();
  }

  @Test
  void isAlive_asksForPidAndStart() {
    ProcessHandle here = ProcessHandle.current();
    assertThat(of(here, start(here)).isAlive()).isTrue();
    assertThat(of(here, start(here).minus(Duration.ofMinutes(1))).isAlive()).isFalse();
  }

  @Test
  void endAll_endsTheProcessWithItsChildrenAndNoOther() throws Exception {
    Process parent = new ProcessBuilder("sh", "-c", "sleep 300 & sleep 300; :").start();
    Process other = new ProcessBuilder("sleep", "300").start();
    try {
      List<ProcessHandle> children = children(parent);
      ClusterProcess worker = of(parent.toHandle(), start(parent.toHandle()));
      ClusterProcess reused = of(other.toHandle(), start(other.toHandle()).minusSeconds(60));

      assertThat(ProcessEnding.endAll(List.of(worker, reused))).isEqualTo(1);

      assertThat(worker.isAlive()).isFalse();
      assertThat(children)
          .hasSize(2)
          .allSatisfy(child -> assertThat(child.info().command()).isEmpty());
      assertThat(other.isAlive()).isTrue();
      assertThat(ProcessEnding.endAll(List.of(worker, reused))).isZero();
    } finally {
      parent.destroyForcibly();
      other.destroyForcibly();
    }
  }

  private static List<ProcessHandle> children(Process parent) throws InterruptedException {
    long deadline = System.nanoTime() + TimeUnit.SECONDS.toNanos(10);
    while (parent.toHandle().descendants().count() < 2 && System.nanoTime() < deadline) {
      TimeUnit.MILLISECONDS.sleep(10);
    }
    return parent.toHandle().descendants().toList();
  }

  @Test
  void isAlive_ofAProcessThatEnded_isFalse() throws IOException, InterruptedException {
    Process process = new ProcessBuilder("sleep", "300").start();
    ClusterProcess recorded = of(process.toHandle(), start(process.toHandle()));
    assertThat(recorded.isAlive()).isTrue();
    process.destroyForcibly().waitFor();
    assertThat(recorded.isAlive()).isFalse();
  }
}
