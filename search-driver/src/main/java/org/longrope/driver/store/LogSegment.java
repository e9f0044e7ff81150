package org.longrope.driver.store;

import com.fasterxml.jackson.databind.node.JsonNodeFactory;
import java.util.ArrayList;
import java.util.List;
import java.util.Locale;
import java.util.regex.Pattern;
import org.jspecify.annotations.Nullable;
import org.longrope.driver.store.files.HadoopDirectory;
import org.longrope.driver.store.files.RecordLines;
import org.longrope.eval.BadInputException;

/**
 * A file of a log, in {@link RecordLines}. The first line holds the number of the log's record that
 * follows; the other lines are records.
 *
 * @param number of the segment, from 0
 * @param first number of the segment's first record in the log, from 0; null if the file was cut
 *     off before it
 */
record LogSegment<E>(int number, @Nullable Integer first, List<E> records) {
  private static final Pattern SEGMENT = Pattern.compile("segment-\\d{6}\\.jsonl");
  private static final String FIRST_RECORD = "first_record";

  static String name(String folder, int number) {
    return String.format(Locale.ROOT, "%s/segment-%06d.jsonl", folder, number);
  }

  /** Reads all segments of a log in their order. */
  static <E> List<LogSegment<E>> readAll(
      HadoopDirectory directory, String folder, RecordFormat<E> format) {
    List<LogSegment<E>> segments = new ArrayList<>();
    for (String file : directory.list(folder)) {
      if (!SEGMENT.matcher(file).matches()) {
        throw BadInputException.of(
            "%s/%s has a file %s that is no segment: remove it.",
            directory.location(), folder, file);
      }
      segments.add(read(directory, folder, number(file), format));
    }
    return segments;
  }

  /** Returns the number of the next new segment. */
  static int next(HadoopDirectory directory, String folder) {
    return directory.list(folder).stream()
        .filter(file -> SEGMENT.matcher(file).matches())
        .mapToInt(file -> number(file) + 1)
        .max()
        .orElse(0);
  }

  private static int number(String file) {
    return Integer.parseInt(file.replaceAll("\\D", ""));
  }

  private static <E> LogSegment<E> read(
      HadoopDirectory directory, String folder, int number, RecordFormat<E> format) {
    Integer[] first = new Integer[1];
    List<E> records = new ArrayList<>();
    String name = name(folder, number);
    RecordLines.read(
        directory.read(name),
        directory.location() + "/" + name,
        "restore the file from a copy",
        (line, json) -> {
          if (line > 1) {
            records.add(format.fromJson(json));
          } else if (json.path(FIRST_RECORD).isInt()) {
            first[0] = json.path(FIRST_RECORD).asInt();
          } else {
            throw new IllegalArgumentException("No first record");
          }
        });
    return new LogSegment<>(number, first[0], records);
  }

  /** Makes the first line of a segment. */
  static byte[] head(int firstRecord) {
    return RecordLines.line(JsonNodeFactory.instance.objectNode().put(FIRST_RECORD, firstRecord));
  }
}
