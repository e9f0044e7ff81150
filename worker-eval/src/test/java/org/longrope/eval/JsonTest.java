package org.longrope.eval;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import com.fasterxml.jackson.annotation.JsonInclude;
import com.fasterxml.jackson.annotation.JsonProperty;
import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.node.IntNode;
import com.fasterxml.jackson.databind.node.ObjectNode;
import com.fasterxml.jackson.databind.node.TextNode;
import java.nio.file.Path;
import java.time.Instant;
import java.util.List;
import java.util.Map;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

class JsonTest {
  enum Colour {
    RED,
    GREEN
  }

  record Part(int wholeNumber, @Nullable Double share) {
    Part {
      if (wholeNumber < 0) {
        throw new IllegalArgumentException("a number below 0");
      }
    }

    boolean isLarge() {
      return wholeNumber > 100;
    }

    String getName() {
      return "part";
    }
  }

  record Whole(
      String name,
      double value,
      long count,
      boolean enabled,
      Instant started,
      Path file,
      Colour colour,
      List<Part> parts,
      Map<String, Integer> tallies,
      @JsonProperty("odd-name") String other,
      @JsonInclude(JsonInclude.Include.ALWAYS) @Nullable Integer shown,
      @Nullable String hidden,
      JsonNode opaque) {
    @JsonProperty(access = JsonProperty.Access.READ_ONLY)
    String derived() {
      return name + count;
    }
  }

  private static final Whole WHOLE =
      new Whole(
          "a \"name\"",
          0.1 + 0.2,
          1L << 60,
          true,
          Instant.parse("2026-01-31T12:00:00.123456Z"),
          Path.of("/some/file"),
          Colour.GREEN,
          List.of(new Part(1, 1e-300), new Part(2, null)),
          Map.of("x", 1),
          "odd",
          null,
          null,
          IntNode.valueOf(5));

  private static Whole read(String text) {
    return Json.read(Whole.class, text, "/runs/whole.json", Json.RESTORE);
  }

  @Test
  void line_record_printsFieldsInOrderAndLeavesOutNulls() {
    assertThat(Json.line(WHOLE))
        .isEqualTo(
            "{\"name\":\"a \\\"name\\\"\",\"value\":0.30000000000000004,"
                + "\"count\":1152921504606846976,\"enabled\":true,"
                + "\"started\":\"2026-01-31T12:00:00.123456Z\",\"file\":\"/some/file\","
                + "\"colour\":\"GREEN\",\"parts\":[{\"whole_number\":1,\"share\":1.0E-300},"
                + "{\"whole_number\":2}],\"tallies\":{\"x\":1},\"odd-name\":\"odd\","
                + "\"shown\":null,\"opaque\":5,\"derived\":\"a \\\"name\\\"1152921504606846976\"}");
  }

  @Test
  void pretty_record_putsListsOnOneLine() {
    assertThat(Json.pretty(Map.of("a", List.of(1, 2)))).isEqualTo("{\n  \"a\": [1, 2]\n}\n");
  }

  @Test
  void read_whatWasPrinted_isEqual() {
    assertThat(read(Json.line(WHOLE))).isEqualTo(WHOLE);
    assertThat(read(Json.pretty(WHOLE))).isEqualTo(WHOLE);
    assertThat(Json.read(Whole.class, Json.tree(WHOLE), "here", Json.RESTORE)).isEqualTo(WHOLE);
  }

  @Test
  void read_nullableFieldIsNull_readsNull() {
    Part part = Json.read(Part.class, "{\"whole_number\":1,\"share\":null}", "p", Json.RESTORE);
    assertThat(part.share()).isNull();
  }

  @ParameterizedTest
  @ValueSource(
      strings = {
        "name",
        "value",
        "count",
        "enabled",
        "started",
        "file",
        "colour",
        "parts",
        "tallies",
        "odd-name",
        "opaque"
      })
  void read_requiredFieldMissingNullOrOfAnotherType_namesIt(String field) {
    ObjectNode good = Json.tree(WHOLE);
    ObjectNode missing = good.deepCopy();
    missing.remove(field);
    assertThatThrownBy(() -> read(missing.toString()))
        .isInstanceOf(BadInputException.class)
        .hasMessageStartingWith(
            "/runs/whole.json is damaged: the field '" + field + "' is missing, expected ")
        .hasMessageEndingWith("; restore it from a copy.");
    if (field.equals("opaque")) {
      return; // Of any type, null included.
    }
    JsonNode other = good.get(field).isTextual() ? IntNode.valueOf(3) : TextNode.valueOf("three");
    ObjectNode replaced = good.deepCopy();
    replaced.set(field, other);
    assertThatThrownBy(() -> read(replaced.toString()))
        .isInstanceOf(BadInputException.class)
        .hasMessageStartingWith("/runs/whole.json is damaged: the field '" + field + "' is of")
        .hasMessageContaining(", expected ");
    ObjectNode none = good.deepCopy();
    none.putNull(field);
    assertThatThrownBy(() -> read(none.toString()))
        .isInstanceOf(BadInputException.class)
        .hasMessageContaining("the field '" + field + "' is null");
  }

  @Test
  void read_damagedPart_namesItsPlace() {
    ObjectNode bad = Json.tree(WHOLE);
    ((ObjectNode) bad.get("parts").get(1)).put("whole_number", 2.5);
    assertThatThrownBy(() -> read(bad.toString()))
        .hasMessageContaining(
            "the field 'parts[1].whole_number' is of another type or out of range, expected a"
                + " whole number;");
    ((ObjectNode) bad.get("parts").get(1)).put("whole_number", -1);
    assertThatThrownBy(() -> read(bad.toString()))
        .hasMessageContaining(
            "the field 'parts[1]' has values that are not allowed: a number below 0;");
    ((ObjectNode) bad.get("parts").get(1)).put("whole_number", 1L << 40);
    assertThatThrownBy(() -> read(bad.toString()))
        .hasMessageContaining("the field 'parts[1].whole_number' is of another type or out of");
  }

  @Test
  void read_unknownField_namesTheKnownOnes() {
    assertThatThrownBy(
            () -> Json.read(Part.class, "{\"whole_number\":1,\"sahre\":2}", "p", Json.RESTORE))
        .hasMessage(
            "p is damaged: the field 'sahre' is unknown, expected one of whole_number, share;"
                + " restore it from a copy.");
  }

  @Test
  void read_truncatedAnywhere_isBadInputOfOneLine() {
    String text = Json.pretty(WHOLE).strip();
    for (int length = 0; length < text.length(); length++) {
      String cut = text.substring(0, length);
      assertThatThrownBy(() -> read(cut))
          .isInstanceOf(BadInputException.class)
          .message()
          .startsWith("/runs/whole.json is damaged: ")
          .doesNotContain("\n")
          .doesNotContain("com.fasterxml", "Whole", "java.");
    }
  }

  @ParameterizedTest
  @ValueSource(strings = {"[]", "null", "5", "\"x\"", "{} {}", "{\"a\":1,\"a\":2}"})
  void readObject_anythingElse_isBadInput(String text) {
    assertThatThrownBy(() -> Json.readObject(text, "file", Json.RESTORE))
        .isInstanceOf(BadInputException.class);
  }
}
