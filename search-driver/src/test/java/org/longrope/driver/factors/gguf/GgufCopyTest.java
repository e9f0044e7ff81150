package org.longrope.driver.factors.gguf;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.assertj.core.api.Assertions.within;

import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Arrays;
import java.util.List;
import java.util.Random;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.longrope.eval.BadInputException;
import org.longrope.eval.checkpoint.DType;

class GgufCopyTest {
  private static final String NAME = "blk.0.attn_q.weight";

  @TempDir Path folder;

  private GgufFile write(GgufBytes bytes) {
    return GgufFile.read(bytes.write(folder.resolve("base.gguf")));
  }

  private static GgufCopy copy(GgufFile base) {
    return new GgufCopy(base, new GgufMetadata(), key -> false, name -> false);
  }

  private GgufFile save(GgufCopy copy) throws IOException {
    Path file = folder.resolve("copy.gguf");
    Files.deleteIfExists(file);
    copy.write(file);
    assertThat(Files.size(file)).isEqualTo(copy.size());
    return GgufFile.read(file);
  }

  private static byte[] content(GgufFile file, String name) throws IOException {
    GgufFile.Tensor tensor = file.tensor(name);
    byte[] bytes = Files.readAllBytes(file.path());
    return Arrays.copyOfRange(bytes, (int) tensor.from(), (int) (tensor.from() + tensor.bytes()));
  }

  @Test
  void copyWithoutChanges_hasTheBytesOfTheOriginal() throws IOException {
    GgufBytes bytes =
        GgufFileTest.everyType()
            .alignment(64)
            .vector("a", 1, 2, 3)
            .tensor("b", 8, new byte[4 * 34], 64, 2);
    GgufFile base = write(bytes);

    GgufFile written = save(copy(base));

    byte[] original = bytes.build();
    byte[] padded = Arrays.copyOf(original, (original.length + 63) / 64 * 64);
    assertThat(Files.readAllBytes(written.path())).isEqualTo(padded);
  }

  @Test
  void keysAndVectors_areReplacedAndTheRestKeepsItsBytes() throws IOException {
    GgufBytes bytes =
        GgufFileTest.everyType().vector("old", 1, 2).vector("kept", 3, 4, 5).vector("gone", 6);
    GgufMetadata added = new GgufMetadata().string("t.uint8", "text").uint32("new", 5);
    GgufCopy copy =
        new GgufCopy(write(bytes), added, "t.bool"::equals, "gone"::equals)
            .vector("old", new float[] {9, 8, 7});

    GgufFile written = save(copy);

    assertThat(written.value("t.uint8")).isEqualTo("text");
    assertThat(written.value("new")).isEqualTo(5L);
    assertThat(written.has("t.bool")).isFalse();
    byte[] all = Files.readAllBytes(written.path());
    for (GgufFile.Entry entry : written.metadata().values()) {
      if (!added.keys().contains(entry.key())) {
        assertThat(Arrays.copyOfRange(all, (int) entry.from(), (int) entry.to()))
            .as(entry.key())
            .isEqualTo(bytes.entry(entry.key()));
      }
    }
    assertThat(written.tensors()).extracting(GgufFile.Tensor::name).containsExactly("kept", "old");
    assertThat(written.vector(written.tensor("kept"), 3)).containsExactly(3, 4, 5);
    assertThat(written.vector(written.tensor("old"), 3)).containsExactly(9, 8, 7);
  }

  @ParameterizedTest
  @CsvSource({"F32, 0, 1e-7", "F16, 1, 5e-4", "BF16, 30, 4e-3"})
  void rowsOfNumbers_areMultipliedAndRounded(DType type, int id, double rounding)
      throws IOException {
    int width = 40_000;
    float[] values = new float[3 * width];
    Random random = new Random(1);
    ByteBuffer stored = little(values.length * type.bytes());
    for (int i = 0; i < values.length; i++) {
      values[i] = type.round(random.nextFloat() - 2);
      type.put(stored, values[i]);
    }
    GgufFile base = write(new GgufBytes().tensor(NAME, id, stored.array(), width, 3));
    GgufCopy copy = copy(base);
    double[] multipliers = {1.3, 1, 0.7};
    copy.scale(base.tensor(NAME), multipliers);

    ByteBuffer written = wrap(content(save(copy), NAME));

    for (int i = 0; i < values.length; i++) {
      float expected = type.round((float) (values[i] * multipliers[i / width]));
      assertThat(type.get(written)).isEqualTo(expected);
    }
    assertThat(copy.rounding()).isPositive().isLessThan(rounding);
    assertThat(copy.scaledTypes()).containsExactly(GgmlType.valueOf(type.name()));
  }

  @Test
  void aBias_isMultipliedByElement() throws IOException {
    GgufFile base = write(new GgufBytes().vector("bias", 1, 2, 4));
    GgufCopy copy = copy(base);
    copy.scale(base.tensor("bias"), new double[] {2, 1, 0.5});

    GgufFile written = save(copy);

    assertThat(written.vector(written.tensor("bias"), 3)).containsExactly(2, 2, 2);
    assertThat(copy.rounding()).isZero();
  }

  /** Checks whole rows by the formulas of ggml-quants.c, written out here. */
  @ParameterizedTest
  @CsvSource({"Q8_0, 8, 34", "Q4_1, 3, 20"})
  void rowsOfQuantisedBlocks_areMultiplied(String type, int id, int blockBytes) throws IOException {
    byte[] blocks = randomBlocks(6, blockBytes, type.equals("Q4_1") ? List.of(0, 2) : List.of(0));
    GgufFile base = write(new GgufBytes().tensor(NAME, id, blocks, 64, 3));
    GgufCopy copy = copy(base);
    double[] multipliers = {0.6, 1, 1.7};
    copy.scale(base.tensor(NAME), multipliers);

    byte[] written = content(save(copy), NAME);

    for (int block = 0; block < 6; block++) {
      double[] before = weights(type, wrap(blocks).position(block * blockBytes));
      double[] after = weights(type, wrap(written).position(block * blockBytes));
      for (int i = 0; i < 32; i++) {
        // Each of the two products is rounded.
        assertThat(after[i]).isCloseTo(before[i] * multipliers[block / 2], within(2e-2));
        assertThat(multipliers[block / 2] != 1 || after[i] == before[i]).isTrue();
      }
    }
    assertThat(copy.rounding()).isPositive().isLessThan(5e-4);
  }

  private static double[] weights(String type, ByteBuffer block) {
    double[] weights = new double[32];
    double d = DType.F16.get(block);
    if (type.equals("Q8_0")) {
      for (int i = 0; i < 32; i++) {
        weights[i] = d * block.get();
      }
      return weights;
    }
    double m = DType.F16.get(block);
    for (int i = 0; i < 16; i++) {
      int pair = Byte.toUnsignedInt(block.get());
      weights[i] = d * (pair & 15) + m;
      weights[i + 16] = d * (pair >> 4) + m;
    }
    return weights;
  }

  /** Checks that nothing but the scales of each type changes, where ggml-common.h places them. */
  @ParameterizedTest
  @CsvSource({
    "2, 32, 18, 0, -1",
    "3, 32, 20, 0, 2",
    "6, 32, 22, 0, -1",
    "7, 32, 24, 0, 2",
    "8, 32, 34, 0, -1",
    "10, 256, 84, 80, 82",
    "11, 256, 110, 108, -1",
    "12, 256, 144, 0, 2",
    "13, 256, 176, 0, 2",
    "14, 256, 210, 208, -1",
  })
  void scalesAlone_ofEveryType_change(int id, int elements, int blockBytes, int d, int min)
      throws IOException {
    List<Integer> scales = min < 0 ? List.of(d) : List.of(d, min);
    byte[] blocks = randomBlocks(2, blockBytes, scales);
    GgufFile base = write(new GgufBytes().tensor(NAME, id, blocks, elements, 2));
    GgufCopy copy = copy(base);
    copy.scale(base.tensor(NAME), new double[] {1, 2});

    byte[] written = content(save(copy), NAME);

    byte[] expected = blocks.clone();
    for (int at : scales) {
      float scale = DType.F16.get(wrap(blocks).position(blockBytes + at));
      DType.F16.put(wrap(expected).position(blockBytes + at), 2 * scale);
    }
    assertThat(written).isEqualTo(expected);
    assertThat(copy.rounding()).isZero();
  }

  @Test
  void whatCannotBeMultiplied_isRejectedByName() {
    GgufFile base =
        write(
            new GgufBytes()
                .tensor(NAME, 39, new byte[2 * 17], 32, 2)
                .tensor("half", 1, new byte[] {0, 0x7B, 0, 0x7B}, 1, 2));
    GgufCopy copy = copy(base);

    assertThatThrownBy(() -> copy.scale(base.tensor(NAME), new double[] {2, 2}))
        .isInstanceOf(BadInputException.class)
        .hasMessageContaining(NAME)
        .hasMessageContaining("rows of type MXFP4 cannot be multiplied; expected one of F32, F16");
    assertThatThrownBy(() -> copy.scale(base.tensor("half"), new double[] {2, 2, 2}))
        .isInstanceOf(BadInputException.class)
        .hasMessageContaining("half of " + base.path() + " has 2 rows: expected 3");
    copy.scale(base.tensor("half"), new double[] {1, 2});
    assertThatThrownBy(() -> save(copy))
        .isInstanceOf(BadInputException.class)
        .hasMessageContaining("half: 114688 is beyond what F16 can hold");
  }

  private static byte[] randomBlocks(int count, int blockBytes, List<Integer> scales) {
    byte[] blocks = new byte[count * blockBytes];
    Random random = new Random(2);
    random.nextBytes(blocks);
    for (int block = 0; block < count; block++) {
      for (int at : scales) {
        DType.F16.put(
            wrap(blocks).position(block * blockBytes + at), 0.01f + random.nextFloat() / 8);
      }
    }
    return blocks;
  }

  private static ByteBuffer little(int size) {
    return GgufBytes.little(size);
  }

  private static ByteBuffer wrap(byte[] bytes) {
    return ByteBuffer.wrap(bytes).order(ByteOrder.LITTLE_ENDIAN);
  }
}
