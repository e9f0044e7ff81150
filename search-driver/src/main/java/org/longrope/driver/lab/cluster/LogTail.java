package org.longrope.driver.lab.cluster;

import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;

/** Why a process ended, as far as its log says. */
final class LogTail {
  private LogTail() {}

  /**
   * The last line that is no stack frame and no ordinary business; shutdown hooks speak after the
   * cause.
   *
   * @param from bytes of the log that were there before the process
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
    String last = "it said nothing";
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
