package org.longrope.driver.lab.bench;

import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Collections;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.SplittableRandom;
import org.longrope.eval.checkpoint.Checkpoint;
import org.longrope.eval.checkpoint.DType;
import org.longrope.eval.checkpoint.ModelConfig;
import org.longrope.eval.checkpoint.ModelConfigWriter;
import org.longrope.eval.checkpoint.RowRange;
import org.longrope.eval.checkpoint.SafetensorsWriter;
import org.longrope.eval.checkpoint.TensorPart;
import org.longrope.eval.rope.RopeGeometry;

/** Llama checkpoint with random weights: speed and memory do not depend on their values. */
public final class RandomCheckpoint {
  private RandomCheckpoint() {}

  /** Returns a Llama shape with as many key-value heads as heads and a vocabulary of 32,000. */
  public static ModelConfig shape(int hidden, int inner, int layers, int heads, boolean tied) {
    int headDimension = hidden / heads;
    return new ModelConfig(
        "llama",
        hidden,
        inner,
        layers,
        heads,
        heads,
        headDimension,
        32_000,
        1e-5,
        tied,
        false,
        false,
        false,
        new RopeGeometry(headDimension, 10_000, 4096),
        Collections.nCopies(layers, 0));
  }

  /**
   * Writes config.json and weights into a directory and opens them.
   *
   * @param type F32 or BF16
   */
  public static Checkpoint write(Path directory, ModelConfig config, DType type)
      throws IOException {
    if (type == DType.F16) {
      throw new IllegalArgumentException("Cannot write random weights as f16");
    }
    Files.createDirectories(directory);
    Files.writeString(
        directory.resolve("config.json"), ModelConfigWriter.toJson(config, type, null, null));
    List<SafetensorsWriter.Entry> entries = new ArrayList<>();
    TensorPart.programOrder(config).stream()
        .filter(Objects::nonNull)
        .distinct()
        .forEach(
            part ->
                entries.add(
                    new SafetensorsWriter.Entry(
                        part.tensor(), type, part.shape(), values(part, type))));
    SafetensorsWriter.write(
        directory.resolve("model.safetensors"), Map.of("format", "pt"), entries);
    return Checkpoint.open(directory);
  }

  /**
   * Returns norms of 1, and matrices that are uniform with the deviation of common initialisations.
   */
  private static Iterable<ByteBuffer> values(TensorPart part, DType type) {
    long elements = part.shape().stream().reduce(1L, Math::multiplyExact);
    boolean norm = part.shape().size() == 1;
    return () -> {
      SplittableRandom random = new SplittableRandom(part.tensor().hashCode());
      return RowRange.pieces(elements, type.bytes()).stream()
          .map(piece -> values(piece.size(), norm, type, random))
          .iterator();
    };
  }

  private static ByteBuffer values(int count, boolean norm, DType type, SplittableRandom random) {
    ByteBuffer bytes = ByteBuffer.allocate(count * type.bytes()).order(ByteOrder.LITTLE_ENDIAN);
    for (int i = 0; i < count; i++) {
      float value = norm ? 1 : (float) (0.07 * (random.nextDouble() - 0.5));
      if (type == DType.F32) {
        bytes.putFloat(value);
      } else {
        // Upper half of a float32: bfloat16, cut off.
        bytes.putShort((short) (Float.floatToRawIntBits(value) >>> 16));
      }
    }
    return bytes.flip();
  }
}
