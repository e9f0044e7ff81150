package org.longrope.driver.lab.bench;

import com.fasterxml.jackson.databind.json.JsonMapper;
import com.fasterxml.jackson.databind.node.ObjectNode;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.stream.Stream;

/**
 * Lines of a journal on a local disk. They are read independently of the program's reader, to
 * detect what that omits.
 */
final class LogLines {
  private static final JsonMapper JSON = new JsonMapper();

  /** Length of checksum and space. */
  private static final int PREFIX = 9;

  private LogLines() {}

  /** Returns each complete record of an evaluation, without its times: task and numbers. */
  static List<String> evaluations(Path run) throws IOException {
    List<String> evaluations = new ArrayList<>();
    for (Path segment : segments(run)) {
      String text = Files.readString(segment);
      for (String line : text.substring(0, text.lastIndexOf('\n') + 1).lines().toList()) {
        ObjectNode record = (ObjectNode) JSON.readTree(line.substring(PREFIX));
        if (record.has("document")) {
          evaluations.add(record.without(List.of("at", "seconds", "phase")).toString());
        }
      }
    }
    return evaluations;
  }

  /** Counts the records of evaluations without parsing them. */
  static int count(Path run) throws IOException {
    int count = 0;
    for (Path segment : segments(run)) {
      String text = Files.readString(segment, StandardCharsets.ISO_8859_1);
      int from = 0;
      for (int at = text.indexOf("\"document\"", from);
          at >= 0;
          at = text.indexOf("\"document\"", at + 1)) {
        count++;
      }
    }
    return count;
  }

  private static List<Path> segments(Path run) throws IOException {
    Path journal = run.resolve("journal");
    if (!Files.isDirectory(journal)) {
      return List.of();
    }
    try (Stream<Path> files = Files.list(journal)) {
      return files.filter(file -> file.toString().endsWith(".jsonl")).sorted().toList();
    }
  }
}
