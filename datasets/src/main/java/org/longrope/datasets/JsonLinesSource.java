package org.longrope.datasets;

import com.fasterxml.jackson.core.JsonFactory;
import com.fasterxml.jackson.core.JsonProcessingException;
import com.fasterxml.jackson.core.StreamReadConstraints;
import com.fasterxml.jackson.core.json.JsonReadFeature;
import com.fasterxml.jackson.databind.DeserializationFeature;
import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.json.JsonMapper;
import com.fasterxml.jackson.databind.node.MissingNode;
import com.google.errorprone.annotations.FormatMethod;
import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.io.InputStream;
import java.nio.charset.CharacterCodingException;
import java.util.ArrayList;
import java.util.List;
import org.apache.hadoop.conf.Configuration;
import org.jspecify.annotations.Nullable;
import org.longrope.eval.JsonFault;

/** One JSON object a line, with a document's text or token ids in one of its fields. */
final class JsonLinesSource implements DocumentSource {
  private static final String BYTE_ORDER_MARK = "\ufeff";

  // By default Jackson rejects strings above 20 million characters; books may be longer.
  private static final JsonMapper MAPPER =
      JsonMapper.builder(
              JsonFactory.builder()
                  .streamReadConstraints(
                      StreamReadConstraints.builder().maxStringLength(Integer.MAX_VALUE).build())
                  .build())
          .enable(DeserializationFeature.FAIL_ON_TRAILING_TOKENS)
          // Python writes NaN and Infinity; no such number is used.
          .enable(JsonReadFeature.ALLOW_NON_NUMERIC_NUMBERS)
          .build();

  private final InputFile file;
  private final ReadSettings settings;
  private final InputStream stream;
  private final byte[] buffer = new byte[1 << 16];
  private int begin;
  private int end;
  private int row = -1;

  JsonLinesSource(InputFile file, ReadSettings settings, Configuration configuration)
      throws IOException {
    this.file = file;
    this.settings = settings;
    stream = InputStreams.open(file.path(), configuration);
  }

  @Override
  public @Nullable SourceRow next() throws IOException {
    for (byte[] line = line(); line != null; line = line()) {
      row++;
      if (file.hasRow(row) && !isBlank(line)) {
        try {
          return document(parse(line));
        } catch (BadRowException e) {
          return new SourceRow.Bad(row, String.valueOf(e.getMessage()));
        }
      }
    }
    return null;
  }

  private SourceDocument document(JsonNode object) {
    JsonNode meta = meta(object);
    String id = first(object.path("id"), meta.path("id"));
    String title =
        first(
            object.path("title"),
            object.path("short_book_title"),
            meta.path("title"),
            meta.path("file"));
    if (file.format() == SourceFormat.TOKENS) {
      return new SourceDocument(row, id, title, null, ids(object));
    }
    JsonNode text = field(object, settings.textField(), "--text-field");
    if (!text.isTextual() && !text.isNull()) {
      throw bad(
          "has %s in field \"%s\"; expected a string, the document's text",
          kind(text), settings.textField());
    }
    return new SourceDocument(row, id, title, text.textValue(), null);
  }

  /** Returns the field's value, which may be null: an empty document. */
  private JsonNode field(JsonNode object, String name, String option) {
    JsonNode value = object.get(name);
    if (value == null) {
      List<String> names = new ArrayList<>();
      object.fieldNames().forEachRemaining(names::add);
      throw bad(
          "has no field \"%s\", its fields are %s; name the right one by %s",
          name, FieldNames.list(names), option);
    }
    return value;
  }

  private static String kind(JsonNode value) {
    return switch (value.getNodeType()) {
      case ARRAY -> "an array";
      case OBJECT -> "an object";
      case NUMBER -> "a number";
      case BOOLEAN -> "true or false";
      case STRING -> "a string";
      default -> "null";
    };
  }

  private JsonNode parse(byte[] line) {
    JsonNode node;
    try {
      String json = InputStreams.utf8(line);
      node = MAPPER.readTree(json.startsWith(BYTE_ORDER_MARK) ? json.substring(1) : json);
    } catch (JsonProcessingException e) {
      throw bad(
          "is not JSON (%s); expected one object a line: write indented JSON again without its line"
              + " breaks",
          JsonFault.describe(e));
    } catch (CharacterCodingException e) {
      throw bad("is not UTF-8; convert the file");
    }
    if (!node.isObject()) {
      throw bad("is %s; expected one JSON object a line", kind(node));
    }
    return node;
  }

  /**
   * Returns {@code meta}, in which the Pile and similar data keep names: an object, or JSON in a
   * string.
   */
  private static JsonNode meta(JsonNode object) {
    JsonNode meta = object.path("meta");
    if (!meta.isTextual()) {
      return meta;
    }
    try {
      return MAPPER.readTree(meta.textValue());
    } catch (JsonProcessingException e) {
      return MissingNode.getInstance();
    }
  }

  private int[] ids(JsonNode object) {
    JsonNode array = field(object, settings.idsField(), "--ids-field");
    if (!array.isArray() && !array.isNull()) {
      throw bad(
          "has %s in field \"%s\"; expected an array, the document's token ids",
          kind(array), settings.idsField());
    }
    int[] ids = new int[array.size()];
    for (int i = 0; i < ids.length; i++) {
      JsonNode id = array.get(i);
      if (!id.isIntegralNumber() || !id.canConvertToInt() || id.intValue() < 0) {
        throw bad(
            "has %s in \"%s\"; expected ids from 0 to 2147483647",
            id.isNumber() ? id.asText() : kind(id), settings.idsField());
      }
      ids[i] = id.intValue();
    }
    return ids;
  }

  @FormatMethod
  private BadRowException bad(String format, Object... arguments) {
    return new BadRowException(
        String.format("Line %d of %s ", row + 1, file.location())
            + String.format(format, arguments)
            + ".");
  }

  private static @Nullable String first(JsonNode... candidates) {
    for (JsonNode node : candidates) {
      if (node.isValueNode() && !node.asText("").isBlank() && !node.isNull()) {
        return node.asText();
      }
    }
    return null;
  }

  private static boolean isBlank(byte[] line) {
    for (byte b : line) {
      if (b != ' ' && b != '\t' && b != '\r') {
        return false;
      }
    }
    return true;
  }

  /**
   * Returns the bytes of the next line, or null at the end. Lines are split here so that their
   * numbers are exact.
   */
  private byte @Nullable [] line() throws IOException {
    ByteArrayOutputStream line = new ByteArrayOutputStream();
    boolean any = false;
    while (true) {
      if (begin == end) {
        begin = 0;
        end = stream.read(buffer);
        if (end < 0) {
          end = 0;
          return any ? line.toByteArray() : null;
        }
      }
      any = true;
      int stop = begin;
      while (stop < end && buffer[stop] != '\n') {
        stop++;
      }
      line.write(buffer, begin, stop - begin);
      begin = stop;
      if (stop < end) {
        begin++;
        return line.toByteArray();
      }
    }
  }

  @Override
  public void close() throws IOException {
    stream.close();
  }
}
