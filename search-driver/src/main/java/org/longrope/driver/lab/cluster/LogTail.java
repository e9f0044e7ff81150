package org.longrope.driver.lab.cluster;

import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;

/** Last message of a log, which tells why a process ended. */
final class LogTail {
  private LogTail() {}

  /**
   * Returns the last line that is no stack frame and no routine message; shutdown hooks log after
   * the cause.
   *
   * @param from length of the log before the process, in bytes
   */
  static String of(Path log, long from) {
    List<String> lines;
    try {
      byte[] bytes = Files.readAllBytes(log);
      int start = (int) Math.min(from, bytes.length);
      String text = new String(bytes, start, bytes.length - start, StandardCharsets.UTF_8);
      lines = text.lines().filter(line -> !line.isBlank()).toList();
    } catch (IOException e) {
      return "its log cannot be read";
    }
    String last = "its log is empty";
    for (String line : lines) {
      boolean frame = line.startsWith("\t") || line.startsWith(" ");
      // Java's own words about its options come with every start.
      boolean usual = line.contains(" INFO ") || line.startsWith("WARNING: ");
      if (!frame && !usual) {
        last = line.strip();
      }
    }
    return last;
  }
}
