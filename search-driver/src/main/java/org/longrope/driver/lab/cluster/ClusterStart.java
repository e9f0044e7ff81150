package org.longrope.driver.lab.cluster;

import java.time.Duration;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.function.BooleanSupplier;
import org.longrope.driver.store.files.Retry;
import org.longrope.eval.BadInputException;

/** Start of a cluster: starts the missing processes and waits for all of them. */
final class ClusterStart {
  private static final Retry RETRY = Retry.every(Duration.ofMillis(200), Duration.ofMinutes(2));

  private final ClusterFiles files;
  private final ClusterShape shape;
  private final DaemonLauncher launcher;
  private final List<String> started = new ArrayList<>();
  private final Map<String, Long> logStarts = new HashMap<>();
  private ClusterState state;

  ClusterStart(ClusterFiles files, ClusterShape shape) {
    this.files = files;
    this.shape = shape;
    launcher = new DaemonLauncher(files);
    Optional<ClusterState> before = ClusterState.read(files.state());
    state =
        new ClusterState(
            shape,
            before.map(ClusterState::masterPort).orElseGet(FreePort::any),
            before.map(ClusterState::processes).orElse(List.of()).stream()
                .filter(process -> shape.roles().contains(process.role()))
                .toList());
  }

  DevelopmentCluster.Started run() {
    boolean complete = shape.roles().stream().allMatch(this::isAlive);
    if (!complete) {
      launcher.prepare(state.masterUrl(), shape.gpus());
      startMaster();
      for (int number = 1; number <= shape.workers(); number++) {
        if (!isAlive(ClusterProcess.worker(number))) {
          starting(ClusterProcess.worker(number));
          record(launcher.worker(number, shape, state.masterUrl(), FreePort.any()));
        }
      }
    }
    await("no word of all workers from the master", shape.roles(), this::allRegistered);
    return new DevelopmentCluster.Started(ClusterStatus.of(state, files), started);
  }

  private void startMaster() {
    if (isAlive(ClusterProcess.MASTER)) {
      return;
    }
    if (!FreePort.is(state.masterPort())) {
      throw BadInputException.of(
          "Port %d of %s is another process's now: end that, or run 'cluster stop' and start anew.",
          state.masterPort(), state.masterUrl());
    }
    starting(ClusterProcess.MASTER);
    record(launcher.master(state.masterPort(), FreePort.any()));
    await("no answer from the master", List.of(ClusterProcess.MASTER), () -> view().isPresent());
  }

  private void starting(String role) {
    logStarts.put(role, files.log(role).toFile().length());
  }

  /** Records a process at once, so that a stop finds all processes of an interrupted start. */
  private void record(ClusterProcess process) {
    started.add(process.role());
    state = state.with(process);
    state.write(files.state());
  }

  private boolean isAlive(String role) {
    return state.process(role).map(ClusterProcess::isAlive).orElse(false);
  }

  private Optional<MasterView> view() {
    return state.process(ClusterProcess.MASTER).flatMap(master -> MasterView.ask(master.ui()));
  }

  private boolean allRegistered() {
    Optional<MasterView> view = view();
    return view.isPresent()
        && state.processes().stream()
            .filter(process -> !process.role().equals(ClusterProcess.MASTER))
            .allMatch(view.get()::has);
  }

  private void await(String otherwise, List<String> needed, BooleanSupplier condition) {
    try {
      boolean holds =
          RETRY.until(
              () -> {
                if (condition.getAsBoolean()) {
                  return true;
                }
                needed.forEach(this::requireAlive);
                return false;
              });
      if (!holds) {
        throw new IllegalStateException(
            "There is "
                + otherwise
                + " after "
                + RETRY.timeout().toSeconds()
                + " s: see "
                + files.log(ClusterProcess.MASTER));
      }
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
      throw new IllegalStateException("Interrupted while starting the cluster", e);
    }
  }

  private void requireAlive(String role) {
    state
        .process(role)
        .filter(process -> !process.isAlive())
        .ifPresent(
            process -> {
              String last = LogTail.of(process.log(), logStarts.getOrDefault(role, 0L));
              throw new IllegalStateException(
                  "The " + role + " ended: " + last + "; see " + process.log());
            });
  }
}
