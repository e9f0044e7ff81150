package org.longrope.driver.lab.bench;

import java.io.IOException;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;

/** Processes that each keep one core busy, as other programs on a shared host do. */
final class BusyProcesses implements AutoCloseable {
  private final List<Process> processes = new ArrayList<>();

  /** Starts the processes and returns when all of them compute. */
  static BusyProcesses start(int count) throws IOException {
    BusyProcesses busy = new BusyProcesses();
    try {
      for (int i = 0; i < count; i++) {
        busy.processes.add(
            new ProcessBuilder(
                    Path.of(System.getProperty("java.home"), "bin", "java").toString(),
                    "-XX:+UseSerialGC",
                    "-XX:TieredStopAtLevel=1",
                    "-Xmx16m",
                    "-cp",
                    System.getProperty("java.class.path"),
                    Spinner.class.getName())
                .redirectError(ProcessBuilder.Redirect.INHERIT)
                .start());
      }
      for (Process process : busy.processes) {
        if (process.getInputStream().read() < 0) {
          throw new IOException("A busy process ended before it computed");
        }
      }
      return busy;
    } catch (IOException | RuntimeException e) {
      busy.close();
      throw e;
    }
  }

  @Override
  public void close() {
    processes.forEach(Process::destroyForcibly);
    for (Process process : processes) {
      process.onExit().join();
    }
  }

  /** Program of each process: it computes until the process that started it ends. */
  static final class Spinner {
    private Spinner() {}

    public static void main(String[] arguments) throws IOException {
      Thread spinning =
          new Thread(
              () -> {
                while (true) {
                  Thread.onSpinWait();
                }
              });
      spinning.setDaemon(true);
      spinning.start();
      System.out.write('\n');
      System.out.flush();
      // The parent writes nothing: this returns when the parent is gone.
      if (System.in.read() < 0) {
        return;
      }
    }
  }
}
