package org.longrope.driver.cli;

import java.io.IOException;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import org.apache.spark.launcher.JavaModuleOptions;

/** A program in a JVM of its own: to be killed, or to have another environment. */
public final class OwnProcess {
  private OwnProcess() {}

  /** Starts a command line of longrope. */
  static Process start(List<String> arguments, Path log) throws IOException {
    return start(arguments, log, Map.of());
  }

  /**
   * Starts a command line of longrope.
   *
   * @param environment variables to set in addition to those of this process
   */
  static Process start(List<String> arguments, Path log, Map<String, String> environment)
      throws IOException {
    return start(Main.class, arguments, log, environment);
  }

  /**
   * Starts a program.
   *
   * @param log takes all that it prints
   */
  public static Process start(Class<?> main, List<String> arguments, Path log) throws IOException {
    return start(main, arguments, log, Map.of());
  }

  private static Process start(
      Class<?> main, List<String> arguments, Path log, Map<String, String> environment)
      throws IOException {
    List<String> command = new ArrayList<>();
    command.add(Path.of(System.getProperty("java.home"), "bin", "java").toString());
    command.addAll(List.of(JavaModuleOptions.defaultModuleOptions().strip().split("\\s+")));
    command.addAll(List.of("-XX:TieredStopAtLevel=1", "-XX:+UseSerialGC", "-Xmx1g"));
    command.addAll(List.of("-XX:ErrorFile=" + crash(log), "-XX:-CreateCoredumpOnCrash"));
    command.addAll(List.of("-Djava.awt.headless=true", "-Dai.djl.offline=true"));
    // As bin/longrope does.
    Path logging = Path.of("..", "conf", "log4j2.properties").toAbsolutePath();
    command.add("-Dlog4j2.configurationFile=" + logging);
    command.addAll(List.of("-cp", System.getProperty("java.class.path"), main.getName()));
    command.addAll(arguments);
    ProcessBuilder process =
        new ProcessBuilder(command).redirectErrorStream(true).redirectOutput(log.toFile());
    process.environment().putAll(environment);
    return process.start();
  }

  /** Returns the file in which the JVM reports a crash of a process with that log. */
  public static Path crash(Path log) {
    return log.resolveSibling(log.getFileName() + ".crash");
  }
}
