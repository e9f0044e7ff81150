package org.longrope.eval;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.catchThrowableOfType;

import com.fasterxml.jackson.core.JsonProcessingException;
import com.fasterxml.jackson.core.StreamReadFeature;
import com.fasterxml.jackson.databind.DeserializationFeature;
import com.fasterxml.jackson.databind.json.JsonMapper;
import java.util.Random;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

class JsonFaultTest {
  private static final JsonMapper MAPPER =
      JsonMapper.builder()
          .enable(StreamReadFeature.STRICT_DUPLICATE_DETECTION)
          .enable(DeserializationFeature.FAIL_ON_TRAILING_TOKENS)
          .enable(DeserializationFeature.FAIL_ON_NULL_FOR_PRIMITIVES)
          .enable(DeserializationFeature.FAIL_ON_MISSING_CREATOR_PROPERTIES)
          .build();

  record Point(int x, int y) {}

  private static String fault(String json) {
    return JsonFault.describe(
        catchThrowableOfType(JsonProcessingException.class, () -> MAPPER.readTree(json)));
  }

  private static String pointFault(String json) {
    return JsonFault.describe(
        catchThrowableOfType(
            JsonProcessingException.class, () -> MAPPER.readValue(json, Point.class)));
  }

  @ParameterizedTest
  @CsvSource(
      delimiter = '|',
      quoteCharacter = '~',
      value = {
        "{ | it ends in the middle of a value",
        "{\"a\":[1,2 | it ends in the middle of a value",
        "{\"a\":1} x | the text near column 10 is not allowed there",
        "{\"a\":1} 2 | there is more after its end, at column 9",
        "{\"a\":01} | the text near column 7 is not allowed there",
        "{\"a\":1,\"a\":2} | the name \"a\" occurs twice in one object",
        "nonsense | the text near column 9 is not allowed there"
      })
  void describe_damagedText_namesTheDamage(String json, String words) {
    assertThat(fault(json)).isEqualTo(words);
  }

  @Test
  void describe_otherLines_namesTheLine() {
    assertThat(fault("{\n\"a\": x}"))
        .isEqualTo("the text near line 2, column 7 is not allowed there");
  }

  @Test
  void describe_beyondLimits_namesTheLimit() {
    assertThat(fault("[".repeat(5000)))
        .isEqualTo("a number, a name or the nesting is longer than can be read");
  }

  @Test
  void describe_fieldOfAnotherType_namesIt() {
    assertThat(pointFault("{\"x\":1}"))
        .isEqualTo("the field 'y' is missing, expected a whole number");
    assertThat(pointFault("{\"x\":1,\"y\":\"two\"}"))
        .isEqualTo("the field 'y' is of another type or out of range, expected a whole number");
    assertThat(pointFault("{\"x\":1,\"y\":2,\"z\":3}"))
        .isEqualTo("the field 'z' is unknown, expected one of x, y");
    assertThat(pointFault("{\"x\":1,\"y\":null}")).contains("the field 'y'");
  }

  @Test
  void describe_anyDamage_isOneLineWithoutWordsOfTheLibrary() {
    String good = "{\"x\": 1, \"y\": [true, null, \"text\", 1.5e3]}";
    Random random = new Random(5);
    for (int i = 0; i < 2000; i++) {
      StringBuilder damaged = new StringBuilder(good);
      damaged.setCharAt(random.nextInt(damaged.length()), (char) random.nextInt(256));
      damaged.setLength(damaged.length() - random.nextInt(4));
      try {
        MAPPER.readValue(damaged.toString(), Point.class);
      } catch (JsonProcessingException e) {
        assertThat(JsonFault.describe(e))
            .doesNotContain("\n")
            .doesNotContain("Source", "Feature", "Point", "com.fasterxml", "java.");
      }
    }
  }
}
