package org.longrope.driver.lab.cluster;

import com.fasterxml.jackson.annotation.JsonProperty;
import java.nio.file.Path;
import java.time.Duration;
import java.time.Instant;
import java.util.Optional;
import org.jspecify.annotations.Nullable;

/**
 * Process of the cluster, as it was when it was started.
 *
 * @param role master, worker-1, worker-2, …
 * @param pid of the process
 * @param started when the process began, by the operating system
 * @param port that the master listens on; null for a worker, whose port only the master needs to
 *     know
 * @param uiPort of its web page on 127.0.0.1
 * @param log its output
 */
public record ClusterProcess(
    String role, long pid, Instant started, @Nullable Integer port, int uiPort, Path log) {
  /** The role of the master. */
  static final String MASTER = "master";

  /** Tolerance for a clock that is set while a process runs: its start time moves too. */
  private static final Duration CLOCK = Duration.ofSeconds(5);

  static String worker(int number) {
    return "worker-" + number;
  }

  /** Returns the process, if it still runs: another process may have its pid by now. */
  Optional<ProcessHandle> handle() {
    return ProcessHandle.of(pid).filter(this::isThis);
  }

  private boolean isThis(ProcessHandle process) {
    ProcessHandle.Info info = process.info();
    return process.isAlive()
        // A zombie process has no command.
        && info.command().isPresent()
        && info.startInstant()
            .map(start -> Duration.between(start, started).abs().compareTo(CLOCK) < 0)
            .orElse(false);
  }

  /** Tells whether the process still runs. */
  public boolean isAlive() {
    return handle().isPresent();
  }

  /** Returns the address of its web page. */
  @JsonProperty(access = JsonProperty.Access.READ_ONLY)
  public String ui() {
    return "http://127.0.0.1:" + uiPort;
  }
}
