package org.longrope.eval.family;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.catchThrowable;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.json.JsonMapper;
import com.fasterxml.jackson.databind.node.ArrayNode;
import com.fasterxml.jackson.databind.node.ContainerNode;
import com.fasterxml.jackson.databind.node.ObjectNode;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Random;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;
import org.longrope.eval.StrictJson;

/** Tests that a damaged config.json gives a spec or one sentence, and never another failure. */
class DecoderSpecFuzzTest {
  private static final int EDITS = 250;

  private static final List<String> VALUES =
      List.of(
          "null",
          "true",
          "false",
          "0",
          "1",
          "-1",
          "2",
          "7",
          "0.5",
          "1e-30",
          "1e300",
          "16777216",
          "2147483647",
          "4294967296",
          "\"\"",
          "\"silu\"",
          "\"yarn\"",
          "\"longrope\"",
          "[]",
          "[1,\"a\",null]",
          "{}",
          "{\"rope_theta\":1}",
          "{\"rope_type\":\"dynamic\"}",
          "[\"sliding_attention\",\"full_attention\"]");

  @TempDir Path directory;

  private final JsonMapper mapper = new JsonMapper();

  private static void assertIsSpecOrSentence(String config, Runnable read) {
    Throwable thrown = catchThrowable(read::run);
    if (thrown != null) {
      assertThat(thrown).as(config).isInstanceOf(org.longrope.eval.BadInputException.class);
      assertThat(thrown.getMessage()).as(config).doesNotContain("\n").endsWith(".");
    }
  }

  /** Replaces, drops or adds values at random places, also inside of the RoPE tables. */
  @ParameterizedTest
  @EnumSource
  void read_afterRandomEdits_givesASpecOrOneSentence(TinyFamilies family) throws IOException {
    Random random = new Random(family.ordinal());
    List<String> fields = new ArrayList<>();
    for (TinyFamilies other : TinyFamilies.values()) {
      other.config().fieldNames().forEachRemaining(fields::add);
    }
    for (int i = 0; i < EDITS; i++) {
      ObjectNode config = family.config();
      for (int edits = 1 + random.nextInt(3); edits > 0; edits--) {
        edit(config, fields, random);
      }
      boolean known = random.nextBoolean();
      TensorNames names =
          known
              ? new TensorNames(family.shapes().keySet(), random.nextBoolean(), "files")
              : TensorNames.UNKNOWN;
      assertIsSpecOrSentence(
          config.toString(), () -> DecoderSpecReader.read(config, "config.json", names).weights());
    }
  }

  private void edit(ObjectNode config, List<String> fields, Random random) throws IOException {
    List<ContainerNode<?>> containers = new ArrayList<>(List.of(config));
    config.forEach(
        value -> {
          if (value instanceof ContainerNode<?> container && !container.isEmpty()) {
            containers.add(container);
          }
        });
    JsonNode value = mapper.readTree(VALUES.get(random.nextInt(VALUES.size())));
    ContainerNode<?> target = containers.get(random.nextInt(containers.size()));
    if (target instanceof ArrayNode array) {
      int at = random.nextInt(array.size());
      if (random.nextInt(4) == 0) {
        array.remove(at);
      } else {
        array.set(at, value);
      }
      return;
    }
    ObjectNode object = (ObjectNode) target;
    List<String> own = new ArrayList<>();
    object.fieldNames().forEachRemaining(own::add);
    String field = own.get(random.nextInt(own.size()));
    switch (random.nextInt(4)) {
      case 0 -> object.remove(field);
      case 1 -> object.set(fields.get(random.nextInt(fields.size())), value);
      default -> object.set(field, value);
    }
  }

  @Test
  void read_damagedAtAnyByte_opensOrIsRejected() throws IOException {
    Path file = directory.resolve("config.json");
    for (TinyFamilies family : List.of(TinyFamilies.PHI3_SU, TinyFamilies.GEMMA3_NESTED)) {
      byte[] bytes = family.config().toString().getBytes(StandardCharsets.UTF_8);
      for (int at = 0; at < bytes.length; at++) {
        Files.write(file, Arrays.copyOf(bytes, at));
        Sentences.assertIsOne(
            catchThrowable(() -> DecoderSpecReader.read(file, TensorNames.UNKNOWN)));
      }
      for (int at = 0; at < bytes.length; at++) {
        for (int bit = 0; bit < 8; bit++) {
          byte[] flipped = bytes.clone();
          flipped[at] ^= (byte) (1 << bit);
          assertIsSpecOrSentence(
              new String(flipped, StandardCharsets.ISO_8859_1),
              () ->
                  DecoderSpecReader.read(
                      StrictJson.parseObject(flipped, "config.json"),
                      "config.json",
                      TensorNames.UNKNOWN));
        }
      }
    }
  }
}
