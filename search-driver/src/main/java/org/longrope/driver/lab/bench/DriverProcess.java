package org.longrope.driver.lab.bench;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import org.apache.spark.launcher.JavaModuleOptions;

/**
 * Launcher of search drivers in separate processes, as an operator would start them.
 *
 * @param main the command line's class
 * @param environment added to this process's
 */
public record DriverProcess(Class<?> main, Map<String, String> environment) {
  public DriverProcess {
    environment = Map.copyOf(environment);
  }

  /** Starts a search, or resumes it if it was begun; its output goes to a log next to the run. */
  Process start(List<String> search, String master, Path run) throws IOException {
    List<String> command = new ArrayList<>();
    command.add(Path.of(System.getProperty("java.home"), "bin", "java").toString());
    command.addAll(List.of(JavaModuleOptions.defaultModuleOptions().strip().split("\\s+")));
    command.addAll(List.of("-XX:+UseSerialGC", "-Xmx1g", "-Xss4m", "-Djava.awt.headless=true"));
    String logging = System.getProperty("log4j2.configurationFile");
    if (logging != null) {
      command.add("-Dlog4j2.configurationFile=" + logging);
    }
    command.addAll(List.of("-cp", System.getProperty("java.class.path"), main.getName()));
    command.add("search");
    command.addAll(search);
    command.addAll(List.of("--or-resume", "--master", master, "--output", run.toString()));
    ProcessBuilder builder = new ProcessBuilder(command).redirectErrorStream(true);
    builder.environment().putAll(environment);
    builder.redirectOutput(ProcessBuilder.Redirect.appendTo(log(run).toFile()));
    return builder.start();
  }

  private static Path log(Path run) {
    return run.resolveSibling(run.getFileName() + ".log");
  }

  /**
   * Waits for a driver.
   *
   * @throws IllegalStateException with the driver's last line if it failed
   */
  static void requireSuccess(Process driver, Path run) throws IOException, InterruptedException {
    int exit = driver.waitFor();
    if (exit != 0) {
      List<String> lines = Files.readAllLines(log(run));
      throw new IllegalStateException(
          "A driver ended with exit code "
              + exit
              + ", see "
              + log(run)
              + ": "
              + (lines.isEmpty() ? "its log is empty" : lines.get(lines.size() - 1)));
    }
  }
}
