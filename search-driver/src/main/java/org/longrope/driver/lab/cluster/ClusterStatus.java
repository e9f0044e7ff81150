package org.longrope.driver.lab.cluster;

import java.util.Collections;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.TreeMap;

/**
 * Status of a cluster.
 *
 * @param masterUrl for --master
 * @param applicationSettings Spark properties that an application needs for this cluster: the file
 *     of the secret, and one executor for each GPU
 * @param processes that belong to it, the master first
 * @param dead roles of the processes that ended
 * @param view answer of the master; empty if it does not answer
 */
public record ClusterStatus(
    String masterUrl,
    Map<String, String> applicationSettings,
    List<ClusterProcess> processes,
    List<String> dead,
    Optional<MasterView> view) {
  public ClusterStatus {
    applicationSettings = Collections.unmodifiableMap(new TreeMap<>(applicationSettings));
    processes = List.copyOf(processes);
    dead = List.copyOf(dead);
  }

  static ClusterStatus of(ClusterState state, ClusterFiles files) {
    Map<String, String> settings = new TreeMap<>(state.shape().gpus().applicationSettings());
    settings.put("spark.authenticate", "true");
    settings.put("spark.authenticate.secret.file", files.secret().toString());
    return new ClusterStatus(
        state.masterUrl(),
        settings,
        state.processes(),
        state.processes().stream()
            .filter(process -> !process.isAlive())
            .map(ClusterProcess::role)
            .toList(),
        state.process(ClusterProcess.MASTER).flatMap(master -> MasterView.ask(master.ui())));
  }

  /** Returns the number of running workers. */
  public int workers() {
    return (int)
        processes.stream()
            .map(ClusterProcess::role)
            .filter(role -> !role.equals(ClusterProcess.MASTER) && !dead.contains(role))
            .count();
  }

  /** Tells whether a process of this cluster runs. */
  public boolean isAlive(ClusterProcess process) {
    return !dead.contains(process.role());
  }
}
