package org.longrope.driver.report.html;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.json.JsonMapper;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.NoSuchFileException;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.function.Function;
import org.longrope.eval.BadInputException;

/** Reader of JSON files that other commands wrote. */
final class JsonFile {
  private static final JsonMapper JSON = new JsonMapper();

  private JsonFile() {}

  /**
   * Reads a file.
   *
   * @param remedy what to do if it is missing or damaged
   * @param reader throws IllegalArgumentException for what it cannot use
   * @throws BadInputException if the file is missing or damaged
   */
  static <T> T read(Path file, String remedy, Function<JsonNode, T> reader) {
    try {
      return reader.apply(JSON.readTree(text(file, remedy)));
    } catch (IOException | IllegalArgumentException e) {
      String reason = String.valueOf(e.getMessage()).lines().findFirst().orElse("");
      throw new BadInputException(
          String.format(
              "%s is damaged (%s): expected JSON as longrope writes it; restore it from a copy, or"
                  + " %s.",
              file, reason, remedy),
          e);
    }
  }

  /**
   * Reads the text of a file that must exist.
   *
   * @throws BadInputException if it cannot be read
   */
  static String text(Path file, String remedy) {
    try {
      return Files.readString(file);
    } catch (NoSuchFileException e) {
      throw new BadInputException(
          String.format(
              "%s is missing: expected the file as longrope wrote it; restore it from a copy, or"
                  + " %s.",
              file, remedy),
          e);
    } catch (IOException e) {
      throw new BadInputException(
          String.format("Cannot read %s (%s): expected UTF-8 text; check the file.", file, e), e);
    }
  }

  static String text(JsonNode json, String field) {
    JsonNode value = json.required(field);
    if (!value.isTextual()) {
      throw new IllegalArgumentException(field + " is " + value + ", not a text");
    }
    return value.asText();
  }

  /** Reads a number; NaN and infinities, which JSON has not, are written as text. */
  static double number(JsonNode json, String field) {
    JsonNode value = json.required(field);
    if (!value.isNumber() && !value.asText().matches("NaN|-?Infinity")) {
      throw new IllegalArgumentException(field + " is " + value + ", not a number");
    }
    return value.isNumber() ? value.asDouble() : Double.parseDouble(value.asText());
  }

  static JsonNode list(JsonNode json, String field) {
    JsonNode value = json.required(field);
    if (!value.isArray()) {
      throw new IllegalArgumentException(field + " is no list");
    }
    return value;
  }

  static List<String> texts(JsonNode list) {
    List<String> texts = new ArrayList<>();
    list.forEach(one -> texts.add(one.asText()));
    return texts;
  }
}
