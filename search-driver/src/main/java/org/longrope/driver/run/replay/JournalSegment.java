package org.longrope.driver.run.replay;

import com.fasterxml.jackson.databind.node.JsonNodeFactory;
import java.util.ArrayList;
import java.util.List;
import java.util.Locale;
import java.util.regex.Pattern;
import org.jspecify.annotations.Nullable;
import org.longrope.driver.store.files.RecordLines;
import org.longrope.eval.BadInputException;

/**
 * A file of a journal, in {@link RecordLines}. The first line says which record of the journal the
 * next one is; the others are records.
 *
 * @param number of the segment, from 0
 * @param first which record of the journal this segment begins with, from 0; null if it was cut off
 *     before it could say
 * @param entries its records
 */
record JournalSegment(int number, @Nullable Integer first, List<JournalEntry> entries) {
  static final String FOLDER = "journal";

  private static final Pattern SEGMENT = Pattern.compile("segment-\\d{6}\\.jsonl");
  private static final String FIRST_RECORD = "first_record";

  static String name(int number) {
    return String.format(Locale.ROOT, "%s/segment-%06d.jsonl", FOLDER, number);
  }

  /** All segments of a run in their order. */
  static List<JournalSegment> readAll(RunDirectory run) {
    List<JournalSegment> segments = new ArrayList<>();
    for (String file : run.list(FOLDER)) {
      if (!SEGMENT.matcher(file).matches()) {
        throw BadInputException.of(
            "%s/%s has a file %s that is no segment: remove it.", run.location(), FOLDER, file);
      }
      segments.add(read(run, number(file)));
    }
    return segments;
  }

  /** The number that a new segment gets. */
  static int next(RunDirectory run) {
    return run.list(FOLDER).stream()
        .filter(file -> SEGMENT.matcher(file).matches())
        .mapToInt(file -> number(file) + 1)
        .max()
        .orElse(0);
  }

  private static int number(String file) {
    return Integer.parseInt(file.replaceAll("\\D", ""));
  }

  private static JournalSegment read(RunDirectory run, int number) {
    Integer[] first = new Integer[1];
    List<JournalEntry> entries = new ArrayList<>();
    RecordLines.read(
        run.read(name(number)),
        run.location() + "/" + name(number),
        "restore the file from a copy",
        (line, json) -> {
          if (line > 1) {
            entries.add(JournalRecord.fromJson(json));
          } else if (json.path(FIRST_RECORD).isInt()) {
            first[0] = json.path(FIRST_RECORD).asInt();
          } else {
            throw new IllegalArgumentException("No first record");
          }
        });
    return new JournalSegment(number, first[0], entries);
  }

  /** The first line of a segment. */
  static byte[] head(int firstRecord) {
    return RecordLines.line(JsonNodeFactory.instance.objectNode().put(FIRST_RECORD, firstRecord));
  }

  static byte[] line(JournalEntry entry) {
    return RecordLines.line(JournalRecord.toJson(entry));
  }
}
