package org.longrope.eval.family;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.json.JsonMapper;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.HashMap;
import java.util.Map;
import java.util.Map.Entry;
import java.util.stream.Stream;

/**
 * Weights by their names in the files, row by row.
 *
 * @param tensors values of each tensor
 */
record ReferenceWeights(Map<String, double[]> tensors) {
  /** Reads all safetensors files of a directory. */
  static ReferenceWeights read(Path directory) {
    Map<String, double[]> tensors = new HashMap<>();
    try (Stream<Path> files = Files.list(directory)) {
      for (Path file : files.filter(path -> path.toString().endsWith(".safetensors")).toList()) {
        readFile(file, tensors);
      }
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
    return new ReferenceWeights(tensors);
  }

  private static void readFile(Path file, Map<String, double[]> tensors) throws IOException {
    ByteBuffer bytes = ByteBuffer.wrap(Files.readAllBytes(file)).order(ByteOrder.LITTLE_ENDIAN);
    int header = Math.toIntExact(bytes.getLong());
    JsonNode entries = new JsonMapper().readTree(bytes.array(), Long.BYTES, header);
    int start = Long.BYTES + header;
    for (Entry<String, JsonNode> entry : entries.properties()) {
      if (!entry.getKey().equals("__metadata__")) {
        JsonNode offsets = entry.getValue().get("data_offsets");
        int from = offsets.get(0).intValue();
        ByteBuffer data = bytes.slice(start + from, offsets.get(1).intValue() - from);
        String type = entry.getValue().get("dtype").textValue();
        tensors.put(entry.getKey(), values(data.order(ByteOrder.LITTLE_ENDIAN), type));
      }
    }
  }

  private static double[] values(ByteBuffer data, String type) {
    int width = type.equals("F32") ? Float.BYTES : Short.BYTES;
    double[] values = new double[data.remaining() / width];
    for (int i = 0; i < values.length; i++) {
      values[i] =
          switch (type) {
            case "F32" -> data.getFloat();
            case "BF16" -> Float.intBitsToFloat(data.getShort() << 16);
            case "F16" -> half(data.getShort());
            default -> throw new IllegalArgumentException("Unknown type " + type);
          };
    }
    return values;
  }

  private static double half(short bits) {
    int exponent = (bits >> 10) & 0x1f;
    int fraction = bits & 0x3ff;
    double magnitude =
        exponent == 0
            ? fraction * Math.pow(2, -24)
            : (1024 + fraction) * Math.pow(2, exponent - 25);
    return bits < 0 ? -magnitude : magnitude;
  }

  boolean has(String name) {
    return tensors.containsKey(name);
  }

  double[] get(String name) {
    double[] values = tensors.get(name);
    if (values == null) {
      throw new IllegalArgumentException("No tensor " + name);
    }
    return values;
  }

  /** Returns a projection of x. */
  double[] linear(double[] x, String name, boolean bias) {
    double[] y = ReferenceMath.product(get(name + ".weight"), 0, x);
    return bias ? ReferenceMath.sum(y, get(name + ".bias")) : y;
  }
}
