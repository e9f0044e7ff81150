package org.longrope.driver.lab.cluster;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import org.jspecify.annotations.Nullable;
import org.longrope.eval.BadInputException;
import org.longrope.eval.Json;

/**
 * Content of cluster.json: the requested shape and the processes that were started.
 *
 * @param shape that was requested
 * @param masterPort of the master on 127.0.0.1, the same after every restart
 * @param processes the master and its workers, by role
 */
record ClusterState(ClusterShape shape, int masterPort, List<ClusterProcess> processes) {
  private static final String REMEDY = "end the cluster's processes by hand and delete it";

  ClusterState {
    processes = List.copyOf(processes);
  }

  String masterUrl() {
    return "spark://127.0.0.1:" + masterPort;
  }

  Optional<ClusterProcess> process(String role) {
    return processes.stream().filter(process -> process.role().equals(role)).findFirst();
  }

  boolean anyAlive() {
    return processes.stream().anyMatch(ClusterProcess::isAlive);
  }

  /** Returns a copy with a process added, or in place of the one of its role. */
  ClusterState with(ClusterProcess process) {
    List<ClusterProcess> changed = new ArrayList<>(processes);
    changed.replaceAll(other -> other.role().equals(process.role()) ? process : other);
    if (!changed.contains(process)) {
      changed.add(process);
    }
    return new ClusterState(shape, masterPort, changed);
  }

  /** Fields of cluster.json. */
  private record Stored(
      String master,
      @Nullable String masterUi,
      int masterPort,
      int workers,
      int coresPerWorker,
      String gpusPerWorker,
      List<ClusterProcess> processes) {}

  void write(Path file) {
    Stored stored =
        new Stored(
            masterUrl(),
            process(ClusterProcess.MASTER).map(ClusterProcess::ui).orElse(null),
            masterPort,
            shape.workers(),
            shape.coresPerWorker(),
            shape.gpus().toString(),
            processes);
    ClusterFiles.write(file, Json.pretty(stored), "rw-------");
  }

  /**
   * Reads cluster.json.
   *
   * @return empty if there is no such file: no cluster was started there, or it was stopped
   * @throws BadInputException if the file is there and cannot be read
   */
  static Optional<ClusterState> read(Path file) {
    if (!Files.isRegularFile(file)) {
      return Optional.empty();
    }
    try {
      Stored stored = Json.read(Stored.class, Files.readString(file), file.toString(), REMEDY);
      ClusterShape shape =
          new ClusterShape(
              stored.workers(),
              stored.coresPerWorker(),
              GpuDiscovery.parse(stored.gpusPerWorker()));
      return Optional.of(new ClusterState(shape, stored.masterPort(), stored.processes()));
    } catch (IOException e) {
      throw new BadInputException(
          String.format("Cannot read %s (%s): expected UTF-8 text; %s.", file, e, REMEDY), e);
    }
  }
}
