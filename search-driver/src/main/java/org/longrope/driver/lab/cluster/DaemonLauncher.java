package org.longrope.driver.lab.cluster;

import com.sun.management.OperatingSystemMXBean;
import java.io.File;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.lang.management.ManagementFactory;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Instant;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Map;
import org.apache.spark.launcher.JavaModuleOptions;
import org.jspecify.annotations.Nullable;
import org.longrope.eval.BadInputException;

/**
 * Launcher of Spark's processes on the class path of this one. They outlive it, and a Ctrl-C in its
 * terminal does not reach them.
 */
final class DaemonLauncher {
  private static final String MASTER = "org.apache.spark.deploy.master.Master";
  private static final String WORKER = "org.apache.spark.deploy.worker.Worker";
  private static final String SCALA = "2.13";
  private static final int MINIMUM_MEMORY_MIB = 1024;

  private final ClusterFiles files;
  private final DaemonSettings settings;

  DaemonLauncher(ClusterFiles files) {
    this.files = files;
    settings = new DaemonSettings(files);
  }

  /** Writes the files of applications and the folder that Spark uses as its installation. */
  void prepare(String masterUrl, GpuDiscovery gpus) {
    settings.application(masterUrl, gpus);
    Path jars = files.sparkHome().resolve("jars");
    try {
      Files.deleteIfExists(jars);
      Files.createSymbolicLink(jars, sparkJars(System.getProperty("java.class.path")));
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
  }

  /** Returns the folder of Spark's jars. */
  static Path sparkJars(String classPath) {
    return Arrays.stream(classPath.split(File.pathSeparator))
        .map(Path::of)
        .filter(entry -> String.valueOf(entry.getFileName()).startsWith("spark-core_"))
        .findFirst()
        .map(entry -> entry.toAbsolutePath().getParent())
        .orElseThrow(
            () ->
                new BadInputException(
                    "The class path has no spark-core jar: start the cluster by bin/longrope."));
  }

  ClusterProcess master(int port, int uiPort) {
    List<String> words =
        List.of(
            MASTER,
            "--host",
            "127.0.0.1",
            "--port",
            String.valueOf(port),
            "--webui-port",
            String.valueOf(uiPort),
            "--properties-file",
            settings.master().toString());
    return start(ClusterProcess.MASTER, port, uiPort, words);
  }

  ClusterProcess worker(int number, ClusterShape shape, String masterUrl, int uiPort) {
    String role = ClusterProcess.worker(number);
    List<String> words =
        List.of(
            WORKER,
            "--host",
            "127.0.0.1",
            "--cores",
            String.valueOf(shape.coresPerWorker()),
            "--memory",
            memoryMib(shape.workers()) + "m",
            "--work-dir",
            files.work(role).toString(),
            "--webui-port",
            String.valueOf(uiPort),
            "--properties-file",
            settings.worker(number, shape.gpus()).toString(),
            masterUrl);
    return start(role, 0, uiPort, words);
  }

  /**
   * Returns the memory that a worker offers. Spark only counts with it: applications choose the
   * memory of their executors.
   */
  private static long memoryMib(int workers) {
    OperatingSystemMXBean system =
        (OperatingSystemMXBean) ManagementFactory.getOperatingSystemMXBean();
    return Math.max(MINIMUM_MEMORY_MIB, (system.getTotalMemorySize() >> 20) / workers);
  }

  private ClusterProcess start(
      String role, @Nullable Integer port, int uiPort, List<String> words) {
    Path log = files.log(role);
    List<String> command = new ArrayList<>(detached());
    command.add(Path.of(System.getProperty("java.home"), "bin", "java").toString());
    command.addAll(List.of(JavaModuleOptions.defaultModuleOptions().strip().split("\\s+")));
    command.addAll(List.of("-Xmx512m", "-XX:+UseSerialGC", "-Djava.awt.headless=true"));
    command.add("-Dlog4j2.configurationFile=" + settings.logging());
    command.addAll(List.of("-cp", System.getProperty("java.class.path")));
    command.addAll(words);
    try {
      Files.createDirectories(files.work(role));
      ProcessBuilder builder =
          new ProcessBuilder(command)
              .directory(files.work(role).toFile())
              .redirectErrorStream(true)
              .redirectOutput(ProcessBuilder.Redirect.appendTo(log.toFile()))
              .redirectInput(ProcessBuilder.Redirect.from(new File("/dev/null")));
      environment(builder.environment(), role);
      ProcessHandle process = builder.start().toHandle();
      return new ClusterProcess(
          role,
          process.pid(),
          process.info().startInstant().orElseGet(Instant::now),
          port,
          uiPort,
          log);
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
  }

  private void environment(Map<String, String> environment, String role) {
    // Settings of another Spark on this machine are not this cluster's.
    environment.keySet().removeIf(name -> name.startsWith("SPARK_"));
    environment.put("SPARK_HOME", files.sparkHome().toString());
    environment.put("SPARK_CONF_DIR", files.conf().toString());
    environment.put("SPARK_SCALA_VERSION", SCALA);
    environment.put("SPARK_LOCAL_IP", "127.0.0.1");
    environment.put("SPARK_LOCAL_DIRS", files.work(role).toString());
  }

  /**
   * Returns the words that start a process in a session of its own or, without setsid, immune to
   * the terminal.
   */
  private static List<String> detached() {
    boolean setsid =
        Arrays.stream(String.valueOf(System.getenv("PATH")).split(File.pathSeparator))
            .anyMatch(folder -> Files.isExecutable(Path.of(folder, "setsid")));
    return setsid ? List.of("setsid") : List.of("sh", "-c", "trap '' INT HUP; exec \"$@\"", "sh");
  }
}
