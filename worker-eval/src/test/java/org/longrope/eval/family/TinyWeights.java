package org.longrope.eval.family;

import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.util.List;
import java.util.Random;
import org.longrope.eval.checkpoint.DType;
import org.longrope.eval.checkpoint.SafetensorsWriter;

/** Random weights under which attention, windows, norms and routing all matter. */
final class TinyWeights {
  private final boolean centredNorms;
  private final boolean tied;
  private final DType type;
  private final Random random;

  /**
   * Draws weights of one checkpoint.
   *
   * @param centredNorms whether norms multiply by 1 + weight
   * @param tied whether the embedding is the head
   */
  TinyWeights(boolean centredNorms, boolean tied, DType type, Random random) {
    this.centredNorms = centredNorms;
    this.tied = tied;
    this.type = type;
    this.random = random;
  }

  SafetensorsWriter.Entry draw(String name, List<Long> shape) {
    DType own = name.endsWith("e_score_correction_bias") ? DType.F32 : type;
    int elements = Math.toIntExact(shape.stream().reduce(1L, Math::multiplyExact));
    double centre = centre(name);
    double deviation = deviation(name, shape);
    ByteBuffer bytes = ByteBuffer.allocate(elements * own.bytes()).order(ByteOrder.LITTLE_ENDIAN);
    for (int i = 0; i < elements; i++) {
      put(bytes, own, (float) (centre + deviation * random.nextGaussian()));
    }
    return new SafetensorsWriter.Entry(name, own, shape, List.of(bytes.flip().asReadOnlyBuffer()));
  }

  private double centre(String name) {
    if (name.endsWith("act_fn.beta")) {
      return 0.5;
    }
    if (name.endsWith("act_fn.eps")) {
      return -1e-6;
    }
    if (!isNorm(name) || centredNorms) {
      return 0;
    }
    return name.contains("self_attn") ? 1.5 : 1;
  }

  private static boolean isNorm(String name) {
    return name.contains("norm") && name.endsWith("weight");
  }

  private double deviation(String name, List<Long> shape) {
    if (name.endsWith("act_fn.beta") || name.endsWith("act_fn.eps")) {
      return 0;
    }
    if (isNorm(name)) {
      return 0.25;
    }
    if (name.endsWith("e_score_correction_bias")) {
      return 0.1;
    }
    if (name.endsWith("sinks")) {
      return 1;
    }
    if (shape.size() < 2 || name.endsWith("bias")) {
      return 0.3;
    }
    if (name.contains("embed_tokens")) {
      return tied ? 0.4 : 1;
    }
    boolean transposed = name.contains("experts") && !name.endsWith("weight");
    long inputs = shape.get(shape.size() - (transposed ? 2 : 1));
    return gain(name) / Math.sqrt(inputs);
  }

  private static double gain(String name) {
    if (name.endsWith("gate.weight") || name.contains("router")) {
      return 1.5;
    }
    boolean sharpens =
        List.of("q_proj", "k_proj", "qkv_proj", "q_b_proj", "kv_a_proj", "kv_b_proj").stream()
            .anyMatch(name::contains);
    return sharpens ? 2 : 1;
  }

  private static void put(ByteBuffer bytes, DType type, float value) {
    switch (type) {
      case F32 -> bytes.putFloat(value);
      case BF16 -> bytes.putShort((short) (Float.floatToRawIntBits(value) >>> 16));
      case F16 -> bytes.putShort(half(value));
    }
  }

  /** Cuts a float to half precision; a value below its normal range becomes zero. */
  private static short half(float value) {
    int bits = Float.floatToRawIntBits(value);
    int sign = (bits >>> 16) & 0x8000;
    int exponent = ((bits >>> 23) & 0xff) - 127 + 15;
    return (short) (exponent <= 0 ? sign : sign | (exponent << 10) | ((bits >>> 13) & 0x3ff));
  }
}
