package org.longrope.driver.store.files;

import com.fasterxml.jackson.core.JsonProcessingException;
import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.json.JsonMapper;
import com.fasterxml.jackson.databind.node.ObjectNode;
import java.io.UncheckedIOException;
import java.nio.charset.StandardCharsets;
import java.util.Locale;
import java.util.zip.CRC32C;
import org.longrope.eval.BadInputException;

/**
 * Records of a file that is appended to: lines, each a CRC-32C in hexadecimal, a space and a JSON
 * object. An incomplete last line, left by a process that died, is ignored.
 */
public final class RecordLines {
  private static final JsonMapper JSON = new JsonMapper();

  /** Eight digits of checksum and a space. */
  private static final int PREFIX = 9;

  private RecordLines() {}

  /** Receiver of records. */
  @FunctionalInterface
  public interface Reader {
    /**
     * Receives a record.
     *
     * @param line from 1
     * @throws IllegalArgumentException if the record is not what was written there
     */
    void record(int line, JsonNode json);
  }

  /** Returns the line of a record, with its end. */
  public static byte[] line(ObjectNode json) {
    try {
      String text = JSON.writeValueAsString(json);
      return (checksum(text) + " " + text + "\n").getBytes(StandardCharsets.UTF_8);
    } catch (JsonProcessingException e) {
      throw new UncheckedIOException(e);
    }
  }

  /** Returns an object as it is read back from a line. */
  public static JsonNode reread(ObjectNode json) {
    try {
      return JSON.readTree(JSON.writeValueAsString(json));
    } catch (JsonProcessingException e) {
      throw new UncheckedIOException(e);
    }
  }

  /**
   * Reads all records in their order.
   *
   * @param text of the file
   * @param file its name, for the message
   * @param mend what to do about damage, for the message
   * @throws BadInputException if a line is damaged
   */
  public static void read(String text, String file, String mend, Reader reader) {
    int line = 0;
    for (int begin = 0; begin < text.length(); ) {
      line++;
      int end = text.indexOf('\n', begin);
      if (end < 0) {
        break; // Cut off while it was written.
      }
      try {
        reader.record(line, parse(text.substring(begin, end)));
      } catch (JsonProcessingException | IllegalArgumentException e) {
        throw new BadInputException(
            String.format(
                "Line %d of %s is damaged: expected a record with its checksum; %s.",
                line, file, mend),
            e);
      }
      begin = end + 1;
    }
  }

  private static JsonNode parse(String line) throws JsonProcessingException {
    if (line.length() <= PREFIX || !line.startsWith(checksum(line.substring(PREFIX)) + " ")) {
      throw new IllegalArgumentException("Another checksum");
    }
    return JSON.readTree(line.substring(PREFIX));
  }

  private static String checksum(String record) {
    CRC32C crc = new CRC32C();
    crc.update(record.getBytes(StandardCharsets.UTF_8));
    return String.format(Locale.ROOT, "%08x", crc.getValue());
  }
}
