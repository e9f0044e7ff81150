package org.longrope.driver.execution.spark;

import java.io.File;
import java.net.URI;
import java.nio.file.Path;
import java.util.Arrays;
import java.util.List;
import java.util.Objects;
import java.util.Optional;
import java.util.stream.Collectors;
import org.apache.spark.SparkConf;
import org.jspecify.annotations.Nullable;

/**
 * The way in which executors get this application's classes without spark-submit: executors on this
 * host use the driver's class path, others get jars from the driver.
 */
final class ApplicationClasses {
  private static final String JARS = "spark.jars";
  private static final String EXECUTOR_CLASS_PATH = "spark.executor.extraClassPath";

  private ApplicationClasses() {}

  /**
   * Sets the class path or the jars, unless the configuration or spark-submit has set them.
   *
   * @param classPath of this process
   */
  static void send(SparkConf conf, String classPath) {
    String master = conf.get("spark.master");
    if (master.startsWith("local")
        || conf.contains(JARS)
        || conf.contains("spark.submit.deployMode")
        || conf.contains("spark.app.submitTime")) {
      return;
    }
    if (isLoopback(master)) {
      conf.setIfMissing(EXECUTOR_CLASS_PATH, absolute(classPath));
    } else {
      applicationJars(classPath).ifPresent(jars -> conf.set(JARS, String.join(",", jars)));
    }
  }

  /** Returns whether every master of spark://host:port,host:port has a loopback address. */
  static boolean isLoopback(String master) {
    String scheme = "spark://";
    return master.startsWith(scheme)
        && Arrays.stream(master.substring(scheme.length()).split(",", -1))
            .allMatch(
                address -> {
                  String host = Objects.requireNonNullElse(host(scheme + address), "");
                  return host.equals("localhost")
                      || host.startsWith("127.")
                      || host.equals("[::1]");
                });
  }

  private static @Nullable String host(String url) {
    try {
      return URI.create(url).getHost();
    } catch (IllegalArgumentException e) {
      return null; // Spark reports what is wrong with it.
    }
  }

  private static String absolute(String classPath) {
    return Arrays.stream(classPath.split(File.pathSeparator))
        .map(entry -> Path.of(entry).toAbsolutePath().toString())
        .collect(Collectors.joining(File.pathSeparator));
  }

  /**
   * Lists the jars outside the directory of Spark's own. Empty if the classes of Spark or the
   * application are not in jars, as in a build.
   */
  static Optional<List<String>> applicationJars(String classPath) {
    List<Path> entries =
        Arrays.stream(classPath.split(File.pathSeparator))
            .map(entry -> Path.of(entry).toAbsolutePath())
            .toList();
    Optional<Path> spark =
        entries.stream()
            .filter(entry -> name(entry).startsWith("spark-core_"))
            .findFirst()
            .map(Path::getParent);
    if (spark.isEmpty() || !entries.stream().allMatch(entry -> name(entry).endsWith(".jar"))) {
      return Optional.empty();
    }
    return Optional.of(
        entries.stream()
            .filter(entry -> !spark.get().equals(entry.getParent()))
            .map(Path::toString)
            .toList());
  }

  private static String name(Path entry) {
    return String.valueOf(entry.getFileName());
  }
}
