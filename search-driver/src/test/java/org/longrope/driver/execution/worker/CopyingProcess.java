package org.longrope.driver.execution.worker;

import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.TimeUnit;
import org.apache.hadoop.fs.FileSystem;

/** Another process, which copies a model and prints how many remote bytes it has read. */
public final class CopyingProcess {
  private static final String READ = "bytes read: ";

  private CopyingProcess() {}

  /** Arguments: the cache's directory and the location. */
  public static void main(String[] arguments) {
    Path model =
        new ModelCache(Path.of(arguments[0]))
            .open(arguments[1], null, RemoteFiles.hadoop())
            .directory();
    String scheme = arguments[1].substring(0, arguments[1].indexOf(':'));
    long read =
        FileSystem.getAllStatistics().stream()
            .filter(statistics -> statistics.getScheme().equals(scheme))
            .mapToLong(FileSystem.Statistics::getBytesRead)
            .sum();
    System.out.println(model + "\n" + READ + read);
  }

  /** Starts the process. */
  public static Process start(Path cache, String location, String... jvmOptions)
      throws IOException {
    List<String> command = new ArrayList<>();
    command.add(Path.of(System.getProperty("java.home"), "bin", "java").toString());
    command.addAll(List.of("-XX:TieredStopAtLevel=1", "-XX:+UseSerialGC", "-Xmx256m"));
    command.addAll(List.of(jvmOptions));
    command.addAll(List.of("-cp", System.getProperty("java.class.path")));
    command.addAll(List.of(CopyingProcess.class.getName(), cache.toString(), location));
    return new ProcessBuilder(command)
        .redirectError(
            ProcessBuilder.Redirect.appendTo(
                cache.resolveSibling(cache.getFileName() + ".log").toFile()))
        .start();
  }

  /** Waits for the process to succeed and returns how many remote bytes it has read. */
  public static long bytesRead(Process process) throws IOException, InterruptedException {
    String out = new String(process.getInputStream().readAllBytes(), StandardCharsets.UTF_8);
    if (!process.waitFor(1, TimeUnit.MINUTES) || process.exitValue() != 0) {
      throw new IllegalStateException("The process failed: " + out);
    }
    return Long.parseLong(out.substring(out.indexOf(READ) + READ.length()).strip());
  }
}
