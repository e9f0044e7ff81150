package org.longrope.driver.lab.bench;

import com.fasterxml.jackson.databind.node.ObjectNode;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.HashSet;
import java.util.LinkedHashMap;
import java.util.Map;
import java.util.Set;
import java.util.SplittableRandom;
import org.jspecify.annotations.Nullable;
import org.longrope.eval.checkpoint.Checkpoint;
import org.longrope.eval.checkpoint.DType;
import org.longrope.eval.checkpoint.RowRange;
import org.longrope.eval.checkpoint.SafetensorsWriter;
import org.longrope.eval.family.DecoderSpec;
import org.longrope.eval.family.DecoderSpecReader;
import org.longrope.eval.family.Norm;
import org.longrope.eval.family.TensorNames;
import org.longrope.eval.family.TensorPart;

/**
 * Checkpoint of any family with random weights: speed and memory do not depend on their values,
 * once every norm keeps its input's scale and routers choose all experts about equally often.
 */
public final class RandomCheckpoint {
  private RandomCheckpoint() {}

  /**
   * Writes config.json and weights into a directory and opens them.
   *
   * @param config content of config.json; the type of the weights is added
   * @param type F32 or BF16
   */
  public static Checkpoint write(Path directory, ObjectNode config, DType type) throws IOException {
    if (type == DType.F16) {
      throw new IllegalArgumentException("Cannot write random weights as f16");
    }
    ObjectNode typed = config.deepCopy().put("torch_dtype", type.torchName());
    Files.createDirectories(directory);
    Files.writeString(directory.resolve("config.json"), typed.toPrettyString());
    DecoderSpec spec = DecoderSpecReader.read(typed, "a random model", TensorNames.UNKNOWN);
    Set<String> norms = norms(spec);
    float norm = normWeight(spec.norm());
    // Weights that are parts of one tensor name it more than once.
    Map<String, SafetensorsWriter.Entry> entries = new LinkedHashMap<>();
    for (TensorPart part : spec.weights()) {
      Float constant = norms.contains(part.tensor()) ? norm : null;
      entries.put(
          part.tensor(),
          new SafetensorsWriter.Entry(
              part.tensor(), type, part.shape(), values(part, constant, type)));
    }
    SafetensorsWriter.write(
        directory.resolve("model.safetensors"), Map.of("format", "pt"), entries.values());
    return Checkpoint.open(directory);
  }

  private static Set<String> norms(DecoderSpec spec) {
    Set<String> names = new HashSet<>();
    TensorPart last = spec.output().norm();
    if (last != null) {
      names.add(last.tensor());
    }
    spec.layers()
        .forEach(
            layer ->
                layer
                    .weights()
                    .forEach(
                        (weight, parts) -> {
                          if (weight.name().endsWith("NORM")) {
                            parts.forEach(part -> names.add(part.tensor()));
                          }
                        }));
    return names;
  }

  private static float normWeight(Norm norm) {
    return norm == Norm.RMS_PLUS_ONE || norm == Norm.LAYER_PLUS_ONE ? 0 : 1;
  }

  /** Returns a constant, or uniform numbers with the deviation of common initialisations. */
  private static Iterable<ByteBuffer> values(
      TensorPart part, @Nullable Float constant, DType type) {
    long elements = part.shape().stream().reduce(1L, Math::multiplyExact);
    return () -> {
      SplittableRandom random = new SplittableRandom(part.tensor().hashCode());
      return RowRange.pieces(elements, type.bytes()).stream()
          .map(piece -> values(piece.size(), constant, type, random))
          .iterator();
    };
  }

  private static ByteBuffer values(
      int count, @Nullable Float constant, DType type, SplittableRandom random) {
    ByteBuffer bytes = ByteBuffer.allocate(count * type.bytes()).order(ByteOrder.LITTLE_ENDIAN);
    for (int i = 0; i < count; i++) {
      float value = constant != null ? constant : (float) (0.07 * (random.nextDouble() - 0.5));
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
