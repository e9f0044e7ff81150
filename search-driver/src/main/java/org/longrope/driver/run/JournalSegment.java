package org.longrope.driver.run;

import com.fasterxml.jackson.core.JsonProcessingException;
import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.json.JsonMapper;
import com.fasterxml.jackson.databind.node.JsonNodeFactory;
import com.fasterxml.jackson.databind.node.ObjectNode;
import java.io.UncheckedIOException;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.List;
import java.util.Locale;
import java.util.regex.Pattern;
import java.util.zip.CRC32C;
import org.jspecify.annotations.Nullable;
import org.longrope.eval.BadInputException;

/**
 * A file of a journal: lines, each a CRC-32C in hexadecimal, a space and a JSON object. The first
 * says which record of the journal the next one is; the others are records.
 *
 * @param number of the segment, from 0
 * @param first which record of the journal this segment begins with, from 0; null if it was cut off
 *     before it could say
 * @param entries its records
 */
record JournalSegment(int number, @Nullable Integer first, List<JournalEntry> entries) {
  static final String FOLDER = "journal";

  private static final Pattern SEGMENT = Pattern.compile("segment-\\d{6}\\.jsonl");
  private static final JsonMapper JSON = new JsonMapper();
  private static final String FIRST_RECORD = "first_record";

  /** Eight digits of checksum and a space. */
  private static final int PREFIX = 9;

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
    String text = run.read(name(number));
    Integer first = null;
    List<JournalEntry> entries = new ArrayList<>();
    int line = 0;
    for (int begin = 0; begin < text.length(); ) {
      line++;
      int end = text.indexOf('\n', begin);
      if (end < 0) {
        break; // Cut off while it was written.
      }
      try {
        JsonNode json = parse(text.substring(begin, end));
        if (line == 1) {
          first = json.path(FIRST_RECORD).isInt() ? json.path(FIRST_RECORD).asInt() : null;
          if (first == null) {
            throw new IllegalArgumentException("No first record");
          }
        } else {
          entries.add(JournalRecord.fromJson(json));
        }
      } catch (JsonProcessingException | IllegalArgumentException e) {
        throw new BadInputException(
            String.format(
                "Line %d of %s/%s is damaged: expected a record with its checksum; restore the file"
                    + " from a copy.",
                line, run.location(), name(number)),
            e);
      }
      begin = end + 1;
    }
    return new JournalSegment(number, first, entries);
  }

  private static JsonNode parse(String line) throws JsonProcessingException {
    if (line.length() <= PREFIX || !line.startsWith(checksum(line.substring(PREFIX)) + " ")) {
      throw new IllegalArgumentException("Another checksum");
    }
    return JSON.readTree(line.substring(PREFIX));
  }

  /** The first line of a segment. */
  static byte[] head(int firstRecord) {
    return line(JsonNodeFactory.instance.objectNode().put(FIRST_RECORD, firstRecord));
  }

  static byte[] line(JournalEntry entry) {
    return line(JournalRecord.toJson(entry));
  }

  private static byte[] line(ObjectNode json) {
    try {
      String text = JSON.writeValueAsString(json);
      return (checksum(text) + " " + text + "\n").getBytes(StandardCharsets.UTF_8);
    } catch (JsonProcessingException e) {
      throw new UncheckedIOException(e);
    }
  }

  private static String checksum(String record) {
    CRC32C crc = new CRC32C();
    crc.update(record.getBytes(StandardCharsets.UTF_8));
    return String.format(Locale.ROOT, "%08x", crc.getValue());
  }
}
