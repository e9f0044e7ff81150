package org.longrope.driver.measure.benchmark;

import com.fasterxml.jackson.core.JsonProcessingException;
import com.fasterxml.jackson.databind.DeserializationFeature;
import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.json.JsonMapper;
import java.util.ArrayList;
import java.util.List;
import org.longrope.driver.store.files.StoredFile;
import org.longrope.eval.BadInputException;
import org.longrope.eval.JsonFault;

/**
 * JSON object in a file of a benchmark, with its place there.
 *
 * @param where place in words for a message, such as "Line 3 of FILE"
 */
record Fields(String where, JsonNode json) {
  private static final JsonMapper MAPPER =
      JsonMapper.builder().enable(DeserializationFeature.FAIL_ON_TRAILING_TOKENS).build();
  private static final int MAX_SHOWN = 60;

  /** Reads an object from each line and skips blank lines. */
  static List<Fields> ofLines(StoredFile file) {
    List<Fields> objects = new ArrayList<>();
    String[] lines = TextFile.read(file).split("\n", -1);
    for (int l = 0; l < lines.length; l++) {
      if (!lines[l].isBlank()) {
        objects.add(of(String.format("Line %d of %s", l + 1, file), lines[l]));
      }
    }
    requireSome(file, objects);
    return objects;
  }

  /** Reads the objects of an array. */
  static List<Fields> ofArray(StoredFile file) {
    Fields array = of(file.toString(), TextFile.read(file));
    List<Fields> objects = new ArrayList<>();
    for (JsonNode element : array.json()) {
      objects.add(new Fields(String.format("Entry %d of %s", objects.size(), file), element));
    }
    requireSome(file, objects);
    return objects;
  }

  private static Fields of(String where, String text) {
    try {
      return new Fields(where, MAPPER.readTree(text));
    } catch (JsonProcessingException e) {
      throw new BadInputException(
          String.format("%s is not JSON: %s; fetch the file again.", where, JsonFault.describe(e)),
          e);
    }
  }

  private static void requireSome(StoredFile file, List<Fields> objects) {
    if (objects.isEmpty()) {
      throw BadInputException.of(
          "%s has no items: expected one or more; fetch the file again.", file);
    }
  }

  /** Returns a field that is text. */
  String text(String field) {
    JsonNode value = json.path(field);
    if (!value.isTextual()) {
      throw unusable(field, "text");
    }
    return value.asText();
  }

  /** Returns a field that is an object. */
  Fields object(String field) {
    if (!json.path(field).isObject()) {
      throw unusable(field, "an object");
    }
    return new Fields(where, json.path(field));
  }

  /** Returns a field that is a list of two or more texts, none of them empty. */
  List<String> texts(String field) {
    List<String> texts = new ArrayList<>();
    for (JsonNode element : json.path(field)) {
      if (element.isTextual() && !element.asText().isBlank()) {
        texts.add(element.asText());
      }
    }
    if (texts.size() < 2 || texts.size() != json.path(field).size()) {
      throw unusable(field, "a list of 2 or more texts");
    }
    return texts;
  }

  /** Creates the error of a field that cannot be used. */
  BadInputException unusable(String field, String expected) {
    JsonNode value = json.path(field);
    String found = value.isMissingNode() ? "missing" : value.toString();
    String shown = found.length() > MAX_SHOWN ? found.substring(0, MAX_SHOWN) + "…" : found;
    return BadInputException.of(
        "%s: field '%s' is %s: expected %s; fetch the file again.", where, field, shown, expected);
  }
}
