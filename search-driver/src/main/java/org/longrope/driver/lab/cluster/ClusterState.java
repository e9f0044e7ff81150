package org.longrope.driver.lab.cluster;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.json.JsonMapper;
import com.fasterxml.jackson.databind.node.ArrayNode;
import com.fasterxml.jackson.databind.node.JsonNodeFactory;
import com.fasterxml.jackson.databind.node.ObjectNode;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.format.DateTimeParseException;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import org.longrope.eval.BadInputException;

/**
 * What cluster.json says: the shape that was asked for and the processes that were started.
 *
 * @param shape what was asked for
 * @param masterPort of the master on 127.0.0.1, the same after every restart
 * @param processes the master and its workers, by role
 */
record ClusterState(ClusterShape shape, int masterPort, List<ClusterProcess> processes) {
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

  /** With one process in place of the one of its role, or added. */
  ClusterState with(ClusterProcess process) {
    List<ClusterProcess> changed = new ArrayList<>(processes);
    changed.replaceAll(other -> other.role().equals(process.role()) ? process : other);
    if (!changed.contains(process)) {
      changed.add(process);
    }
    return new ClusterState(shape, masterPort, changed);
  }

  void write(Path file) {
    ObjectNode json = JsonNodeFactory.instance.objectNode();
    json.put("master", masterUrl());
    process(ClusterProcess.MASTER).ifPresent(master -> json.put("master_ui", master.ui()));
    json.put("master_port", masterPort);
    json.put("workers", shape.workers());
    json.put("cores_per_worker", shape.coresPerWorker());
    json.put("gpus_per_worker", shape.gpus().toString());
    ArrayNode list = json.putArray("processes");
    processes.forEach(process -> list.add(process.toJson()));
    ClusterFiles.write(file, json.toPrettyString() + "\n", "rw-------");
  }

  /**
   * @return empty if there is no such file: no cluster was started there, or it was stopped
   * @throws BadInputException if the file is there and cannot be read
   */
  static Optional<ClusterState> read(Path file) {
    if (!Files.isRegularFile(file)) {
      return Optional.empty();
    }
    try {
      JsonNode json = new JsonMapper().readTree(file.toFile());
      List<ClusterProcess> processes = new ArrayList<>();
      json.required("processes").forEach(node -> processes.add(ClusterProcess.fromJson(node)));
      ClusterShape shape =
          new ClusterShape(
              json.required("workers").asInt(),
              json.required("cores_per_worker").asInt(),
              GpuDiscovery.parse(json.required("gpus_per_worker").asText()));
      return Optional.of(new ClusterState(shape, json.required("master_port").asInt(), processes));
    } catch (IOException | IllegalArgumentException | DateTimeParseException e) {
      throw new BadInputException(
          "Cannot read "
              + file
              + ": expected the file as 'cluster start' wrote it; end the cluster's processes by"
              + " hand and delete it.",
          e);
    }
  }
}
