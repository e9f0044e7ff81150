package org.longrope.driver.factors.gguf;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.longrope.driver.factors.gguf.GgufBytes.string;
import static org.longrope.driver.factors.gguf.GgufBytes.uint32;
import static org.longrope.driver.factors.gguf.GgufBytes.uint64;

import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Arrays;
import java.util.Random;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.longrope.eval.BadInputException;

class GgufFileTest {
  @TempDir Path folder;

  /** Returns a file with a value of every type. */
  static GgufBytes everyType() {
    byte[] texts = GgufBytes.join(uint32(8), uint64(2), string("ä"), string(""));
    return new GgufBytes()
        .key("t.uint8", 0, new byte[] {(byte) 200})
        .key("t.int8", 1, new byte[] {-2})
        .key("t.uint16", 2, new byte[] {0, (byte) 0xFF})
        .key("t.int16", 3, new byte[] {-1, -1})
        .key("t.uint32", 4, uint32(-1))
        .key("t.int32", 5, uint32(-7))
        .float32("t.float32", 1.5)
        .key("t.bool", 7, new byte[] {1})
        .text("t.string", "Größe")
        .key("t.texts", 9, texts)
        .key("t.lists", 9, uint32(9), uint64(2), texts, uint32(0), uint64(3), new byte[3])
        .key("t.floats", 9, uint32(12), uint64(1), new byte[8])
        .key("t.uint64", 10, uint64(1L << 40))
        .key("t.int64", 11, uint64(-9))
        .key("t.float64", 12, GgufBytes.little(8).putDouble(Math.PI).array());
  }

  private static GgufBytes small() {
    return everyType()
        .vector("a", 1, 2, 3)
        .tensor("b.weight", 8, new byte[4 * 34], 64, 2)
        .vector("c", 4);
  }

  private GgufFile read(byte[] bytes) throws IOException {
    return GgufFile.read(Files.write(folder.resolve("m.gguf"), bytes));
  }

  private void assertDamaged(byte[] bytes, String why) {
    assertThatThrownBy(() -> read(bytes))
        .isInstanceOf(BadInputException.class)
        .hasMessageContaining("m.gguf: ")
        .hasMessageContaining(why)
        .hasMessageContaining("expected a whole GGUF file of version 2 or 3");
  }

  @Test
  void read_everyType_hasItsValue() throws IOException {
    GgufFile file = read(small().build());

    assertThat(file.value("t.uint8")).isEqualTo(200L);
    assertThat(file.value("t.int8")).isEqualTo(-2L);
    assertThat(file.value("t.uint16")).isEqualTo(0xFF00L);
    assertThat(file.value("t.int16")).isEqualTo(-1L);
    assertThat(file.value("t.uint32")).isEqualTo(0xFFFFFFFFL);
    assertThat(file.value("t.int32")).isEqualTo(-7L);
    assertThat(file.value("t.float32")).isEqualTo(1.5);
    assertThat(file.value("t.bool")).isEqualTo(true);
    assertThat(file.value("t.string")).isEqualTo("Größe");
    assertThat(file.value("t.lists")).isNull();
    assertThat(file.has("t.lists")).isTrue();
    assertThat(file.value("t.uint64")).isEqualTo(1L << 40);
    assertThat(file.value("t.int64")).isEqualTo(-9L);
    assertThat(file.value("t.float64")).isEqualTo(Math.PI);
    GgufFile.Tensor matrix = file.tensor("b.weight");
    assertThat(matrix.dimensions()).containsExactly(64L, 2L);
    assertThat(matrix.rows()).isEqualTo(2);
    assertThat(matrix.bytes()).isEqualTo(4 * 34);
    assertThat(file.vector(file.tensor("a"), 3)).containsExactly(1, 2, 3);
  }

  @Test
  void read_valuesLongerThanTheBuffer_arePassedOver() throws IOException {
    GgufFile file =
        read(
            new GgufBytes()
                .text("long", "x".repeat(200_000))
                .key("list", 9, uint32(0), uint64(150_000), new byte[150_000])
                .text("after", "y")
                .vector("a", 7)
                .build());

    assertThat(file.value("long")).isNull();
    assertThat(file.value("after")).isEqualTo("y");
    assertThat(file.vector(file.tensor("a"), 1)).containsExactly(7);
  }

  @Test
  void read_everyShorterFile_isRejectedInOneSentence() throws IOException {
    byte[] whole = small().build();

    for (int size = 0; size < whole.length; size++) {
      byte[] part = Arrays.copyOf(whole, size);
      assertThatThrownBy(() -> read(part))
          .as("%d bytes", size)
          .isInstanceOf(BadInputException.class)
          .hasMessageStartingWith("Cannot read ");
    }
  }

  @Test
  void read_changedBytes_isAFileOrRejected() throws IOException {
    byte[] whole = small().build();
    Random random = new Random(3);
    int rejected = 0;

    for (int i = 0; i < 2000; i++) {
      byte[] changed = whole.clone();
      changed[random.nextInt(changed.length)] = (byte) random.nextInt();
      try {
        read(changed);
      } catch (BadInputException e) {
        rejected++;
      }
    }
    assertThat(rejected).isPositive();
  }

  @ParameterizedTest
  @CsvSource(
      delimiter = '|',
      value = {
        "0  | 0x46554748 | does not begin with GGUF",
        "4  | 1          | of version 1",
        "4  | 4          | of version 4",
        "4  | 0x03000000 | numbers are big-endian",
        "8  | 0x00FFFFFF | number of tensors at byte 8 is 16777215",
        "8  | 100        | 15 keys and 100 tensors are more than",
        "16 | 300        | 300 keys and 3 tensors are more than",
        "20 | 1          | number of keys at byte 16 is 4294967311",
        "24 | 0x7FFF     | length of a key at byte 24",
      })
  void read_damagedHeader_isNamed(int at, String value, String why) {
    byte[] bytes = small().build();
    little(bytes).putInt(at, Long.decode(value).intValue());

    assertDamaged(bytes, why);
  }

  @Test
  void read_damagedValues_areNamed() {
    assertDamaged(new GgufBytes().key("k", 13, new byte[8]).build(), "k has the unknown type 13");
    assertDamaged(
        new GgufBytes().key("k", 9, uint32(77), uint64(0)).build(), "k has the unknown type 77");
    assertDamaged(new GgufBytes().key("k", 9, uint32(12), uint64(9)).build(), "it ends after");
    byte[] nested = GgufBytes.join(uint32(9), uint64(1));
    assertDamaged(
        new GgufBytes().key("k", 9, nested, nested, nested, nested, nested).build(),
        "nested more than 4 times");
    assertDamaged(
        new GgufBytes().count("general.alignment", 24).build(), "24, and not a power of two");
    byte[] twice = new GgufBytes().count("ab", 1).count("ac", 1).build();
    twice[24 + 8 + 2 + 4 + 4 + 8 + 1] = 'b';
    assertDamaged(twice, "the key ab is in it twice");
  }

  @Test
  void read_damagedDescriptions_areNamed() {
    assertDamaged(
        new GgufBytes().tensor("x", 4, new byte[32], 8).build(), "elements of the unknown type 4");
    assertDamaged(new GgufBytes().tensor("x", 0, new byte[4]).build(), "x has 0 dimensions");
    assertDamaged(
        new GgufBytes().tensor("x", 0, new byte[4], 1, 1, 1, 1, 1).build(), "x has 5 dimensions");
    assertDamaged(new GgufBytes().tensor("x", 2, new byte[18], 33).build(), "the shape [33] in Q4");
    assertDamaged(
        new GgufBytes().tensor("x", 0, new byte[4], 1L << 40, 1L << 40).build(), "the shape");
    assertDamaged(new GgufBytes().tensor("x", 0, new byte[4], 9).build(), "x ends at byte 100");
    assertDamaged(
        new GgufBytes().vector("x", 1, 2).vector("x", 3).build(), "two tensors have the same name");
  }

  @Test
  void read_misplacedTensors_areNamed() {
    // Descriptions of 8 + 1 + 4 + 8 + 4 + 8 bytes from byte 24, whose last 8 are the offset.
    byte[] bytes = new GgufBytes().vector("x", 1, 2).vector("y", 3).build();
    int secondOffset = 24 + 33 + 25;
    assertThat(little(bytes).getLong(secondOffset)).isEqualTo(32);

    little(bytes).putLong(secondOffset, 0);
    assertDamaged(bytes, "the tensors x and y overlap");
    little(bytes).putLong(secondOffset, 4);
    assertDamaged(bytes, "y begins at offset 4, which is no multiple of 32");
    little(bytes).putLong(secondOffset, 64);
    assertDamaged(bytes, "y ends at byte");
    little(bytes).putLong(secondOffset, -32);
    assertDamaged(bytes, "the offset of y at byte");
  }

  @Test
  void read_missingFile_isNamed() {
    assertThatThrownBy(() -> GgufFile.read(folder.resolve("none.gguf")))
        .isInstanceOf(BadInputException.class)
        .hasMessageContaining("none.gguf: no such file");
  }

  private static ByteBuffer little(byte[] bytes) {
    return ByteBuffer.wrap(bytes).order(ByteOrder.LITTLE_ENDIAN);
  }
}
