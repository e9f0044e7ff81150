package org.longrope.datasets;

import com.fasterxml.jackson.core.JsonFactory;
import com.fasterxml.jackson.core.JsonProcessingException;
import com.fasterxml.jackson.core.StreamReadConstraints;
import com.fasterxml.jackson.databind.DeserializationFeature;
import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.json.JsonMapper;
import com.fasterxml.jackson.databind.node.MissingNode;
import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.io.InputStream;
import java.nio.charset.CharacterCodingException;
import org.apache.hadoop.conf.Configuration;
import org.jspecify.annotations.Nullable;
import org.longrope.eval.BadInputException;

/** One JSON object a line, with {@code text} or, for token sets, {@code input_ids}. */
final class JsonLinesSource implements DocumentSource {
  private static final String BYTE_ORDER_MARK = "\ufeff";

  // Jackson refuses strings above 20 million characters unless told otherwise; books may be longer.
  private static final JsonMapper MAPPER =
      JsonMapper.builder(
              JsonFactory.builder()
                  .streamReadConstraints(
                      StreamReadConstraints.builder().maxStringLength(Integer.MAX_VALUE).build())
                  .build())
          .enable(DeserializationFeature.FAIL_ON_TRAILING_TOKENS)
          .build();

  private final InputFile file;
  private final InputStream stream;
  private final byte[] buffer = new byte[1 << 16];
  private int begin;
  private int end;
  private int row = -1;

  JsonLinesSource(InputFile file, Configuration configuration) throws IOException {
    this.file = file;
    stream = InputStreams.open(file.path(), configuration);
  }

  @Override
  public @Nullable SourceDocument next() throws IOException {
    for (byte[] line = line(); line != null; line = line()) {
      row++;
      if (file.mine(row) && !isBlank(line)) {
        return document(parse(line));
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
      return new SourceDocument(row, id, title, null, ids(object.path("input_ids")));
    }
    JsonNode text = object.path("text");
    if (!text.isTextual()) {
      throw bad("has no string field \"text\"; expected the document's text there");
    }
    return new SourceDocument(row, id, title, text.textValue(), null);
  }

  private JsonNode parse(byte[] line) {
    JsonNode node;
    try {
      String json = InputStreams.utf8(line);
      node = MAPPER.readTree(json.startsWith(BYTE_ORDER_MARK) ? json.substring(1) : json);
    } catch (JsonProcessingException e) {
      throw bad("is not JSON (" + e.getOriginalMessage() + "); expected one JSON object a line");
    } catch (CharacterCodingException e) {
      throw bad("is not UTF-8; convert the file");
    }
    if (!node.isObject()) {
      throw bad("is not a JSON object; expected one JSON object a line");
    }
    return node;
  }

  /** The Pile and its like keep names in {@code meta}: an object, or JSON in a string. */
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

  private int[] ids(JsonNode array) {
    if (!array.isArray()) {
      throw bad("has no array \"input_ids\"; expected the document's token ids there");
    }
    int[] ids = new int[array.size()];
    for (int i = 0; i < ids.length; i++) {
      JsonNode id = array.get(i);
      if (!id.isIntegralNumber() || !id.canConvertToInt() || id.intValue() < 0) {
        throw bad("has " + id + " in \"input_ids\"; expected ids from 0 to 2147483647");
      }
      ids[i] = id.intValue();
    }
    return ids;
  }

  private BadInputException bad(String what) {
    return BadInputException.of("Line %d of %s %s.", row + 1, file.location(), what);
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

  /** The bytes of the next line, or null at the end; split here so that line numbers are exact. */
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
