package org.longrope.driver.lab.cluster;

import java.nio.file.Path;
import java.util.Map;
import java.util.TreeMap;
import java.util.stream.Collectors;
import org.apache.spark.launcher.JavaModuleOptions;

/** Properties files of the cluster's processes and of applications that spark-submit starts. */
final class DaemonSettings {
  private static final String OWNER_READS = "rw-------";

  private final ClusterFiles files;

  DaemonSettings(ClusterFiles files) {
    this.files = files;
  }

  Path master() {
    Map<String, String> settings = common();
    // Executors that die repeatedly must be restarted each time, so that the search continues.
    settings.put("spark.deploy.maxExecutorRetries", "-1");
    // Spark's REST gateway knows no authentication; spark-submit uses the one of spark:// itself.
    settings.put("spark.master.rest.enabled", "false");
    return write("master.properties", settings);
  }

  Path worker(int number, GpuDiscovery gpus) {
    Map<String, String> settings = common();
    if (gpus.perWorker() > 0) {
      settings.put("spark.worker.resource.gpu.amount", String.valueOf(gpus.perWorker()));
      settings.put(
          "spark.worker.resource.gpu.discoveryScript",
          gpus.writeScript(files.conf(), number).toString());
    }
    return write(ClusterProcess.worker(number) + ".properties", settings);
  }

  /** Writes the file for spark-submit --properties-file. */
  void application(String masterUrl, GpuDiscovery gpus) {
    Map<String, String> settings = authentication();
    settings.putAll(gpus.applicationSettings());
    settings.put("spark.master", masterUrl);
    // In deploy mode cluster a worker starts the driver, without what Spark needs opened on Java
    // 17.
    settings.put("spark.driver.extraJavaOptions", JavaModuleOptions.defaultModuleOptions().strip());
    write("application.properties", settings);
  }

  /** Writes the logging configuration of the processes, which overrides those on the class path. */
  Path logging() {
    Path file = files.conf().resolve("log4j2.properties");
    ClusterFiles.write(
        file,
        """
        rootLogger.level = info
        rootLogger.appenderRef.stderr.ref = stderr
        appender.stderr.type = Console
        appender.stderr.name = stderr
        appender.stderr.target = SYSTEM_ERR
        appender.stderr.layout.type = PatternLayout
        appender.stderr.layout.pattern = %d{yyyy-MM-dd HH:mm:ss} %p %c{1}: %m%n%ex
        """,
        OWNER_READS);
    return file;
  }

  private Map<String, String> common() {
    Map<String, String> settings = authentication();
    // A port that another took meanwhile is an error, not a reason to listen elsewhere.
    settings.put("spark.port.maxRetries", "0");
    return settings;
  }

  private Map<String, String> authentication() {
    Map<String, String> settings = new TreeMap<>();
    settings.put("spark.authenticate", "true");
    settings.put("spark.authenticate.secret", ClusterSecret.obtain(files.secret()));
    return settings;
  }

  private Path write(String name, Map<String, String> settings) {
    Path file = files.conf().resolve(name);
    String content =
        settings.entrySet().stream()
            .map(entry -> entry.getKey() + " " + entry.getValue() + "\n")
            .collect(Collectors.joining());
    ClusterFiles.write(file, content, OWNER_READS);
    return file;
  }
}
