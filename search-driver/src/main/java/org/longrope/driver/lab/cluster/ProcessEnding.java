package org.longrope.driver.lab.cluster;

import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import org.longrope.driver.store.files.Retry;

/** End of processes of a cluster and their children: by request first, then by force. */
final class ProcessEnding {
  /** Longer than the 10 s for which Spark waits for an executor. */
  private static final long GENTLE_SECONDS = 20;

  private static final long FORCED_SECONDS = 10;
  private static final Duration POLL = Duration.ofMillis(50);

  private ProcessEnding() {}

  /** Ends all processes, the master last, so that workers do not search for it. */
  static int endAll(List<ClusterProcess> processes) {
    List<ClusterProcess> workers = new ArrayList<>(processes);
    workers.removeIf(process -> process.role().equals(ClusterProcess.MASTER));
    List<ClusterProcess> masters = new ArrayList<>(processes);
    masters.removeAll(workers);
    return end(workers) + end(masters);
  }

  private static int end(List<ClusterProcess> processes) {
    List<ClusterProcess> running = processes.stream().filter(ClusterProcess::isAlive).toList();
    List<ClusterProcess> children = new ArrayList<>();
    for (ClusterProcess process : running) {
      process
          .handle()
          .ifPresent(
              handle ->
                  handle
                      .descendants()
                      .forEach(child -> child(process, child).ifPresent(children::add)));
    }
    endOrKill(running);
    // A worker ends its executors; these are what it could not.
    endOrKill(children);
    return running.size();
  }

  private static void endOrKill(List<ClusterProcess> processes) {
    processes.forEach(process -> process.handle().ifPresent(ProcessHandle::destroy));
    if (gone(processes, GENTLE_SECONDS)) {
      return;
    }
    processes.forEach(process -> process.handle().ifPresent(ProcessHandle::destroyForcibly));
    if (!gone(processes, FORCED_SECONDS)) {
      throw new IllegalStateException(
          "Not all processes end: "
              + processes.stream()
                  .filter(ClusterProcess::isAlive)
                  .map(ClusterProcess::pid)
                  .toList());
    }
  }

  /** Returns the executor of a worker, identified by its start time like the worker. */
  private static Optional<ClusterProcess> child(ClusterProcess parent, ProcessHandle child) {
    return child
        .info()
        .startInstant()
        .map(
            start ->
                new ClusterProcess(
                    parent.role(), child.pid(), start, 0, parent.uiPort(), parent.log()));
  }

  private static boolean gone(List<ClusterProcess> processes, long seconds) {
    try {
      return Retry.every(POLL, Duration.ofSeconds(seconds))
          .until(() -> processes.stream().noneMatch(ClusterProcess::isAlive));
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
      throw new IllegalStateException("Interrupted while ending the cluster", e);
    }
  }
}
