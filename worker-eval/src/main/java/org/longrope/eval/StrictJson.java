package org.longrope.eval;

import com.fasterxml.jackson.core.JsonProcessingException;
import com.fasterxml.jackson.core.StreamReadFeature;
import com.fasterxml.jackson.core.json.JsonReadFeature;
import com.fasterxml.jackson.databind.DeserializationFeature;
import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import com.fasterxml.jackson.databind.json.JsonMapper;
import com.fasterxml.jackson.databind.node.ObjectNode;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.ByteBuffer;
import java.nio.charset.CharacterCodingException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Locale;

/** JSON objects in which a repeated key or trailing text is an error instead of a guess. */
public final class StrictJson {
  /** Same bound as for safetensors headers: what is longer is not the file it claims to be. */
  public static final int MAX_BYTES = 100_000_000;

  private static final int MAX_SHOWN = 100;

  private static final ObjectMapper MAPPER =
      JsonMapper.builder()
          .enable(StreamReadFeature.STRICT_DUPLICATE_DETECTION)
          .enable(DeserializationFeature.FAIL_ON_TRAILING_TOKENS)
          // Python writes NaN and Infinity; read them, so that the field can be named.
          .enable(JsonReadFeature.ALLOW_NON_NUMERIC_NUMBERS)
          .build();

  private StrictJson() {}

  /** Reads an object from a file. */
  public static ObjectNode readObject(Path file) {
    try {
      if (Files.size(file) > MAX_BYTES) {
        throw BadInputException.of(
            "%s is longer than %d bytes: expected a JSON object; fetch the file again.",
            file, MAX_BYTES);
      }
      return parseObject(Files.readAllBytes(file), file.toString());
    } catch (IOException e) {
      throw new UncheckedIOException("Cannot read " + file, e);
    }
  }

  /** Returns a value as a message shows it, cut off where it is very long, as in damaged files. */
  public static String brief(JsonNode value) {
    String text = value.isMissingNode() ? "missing" : value.toString();
    return text.length() <= MAX_SHOWN ? text : text.substring(0, MAX_SHOWN) + "…";
  }

  /** Parses an object; messages name it as {@code where}. */
  public static ObjectNode parseObject(byte[] utf8, String where) {
    String found;
    try {
      // Decoded here, because Jackson would take zero bytes for UTF-16 or UTF-32.
      String text = StandardCharsets.UTF_8.newDecoder().decode(ByteBuffer.wrap(utf8)).toString();
      JsonNode node = MAPPER.readTree(text);
      if (node instanceof ObjectNode object) {
        return object;
      }
      found = node.isMissingNode() ? "nothing" : node.getNodeType().name().toLowerCase(Locale.ROOT);
    } catch (CharacterCodingException e) {
      found = "bytes that are not UTF-8";
    } catch (JsonProcessingException e) {
      found = JsonFault.describe(e);
    }
    throw BadInputException.of(
        "Cannot parse %s: expected a JSON object, found: %s; fetch the file again.", where, found);
  }
}
