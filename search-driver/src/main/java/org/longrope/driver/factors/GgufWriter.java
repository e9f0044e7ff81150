package org.longrope.driver.factors;

import java.io.ByteArrayOutputStream;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.List;
import org.longrope.eval.rope.RescaleFactors;

/**
 * Builder of a small GGUF file: version 3, little-endian, vectors of F32 only (ggml's
 * docs/gguf.md).
 *
 * <p>Layout: header, metadata, one description per tensor, then the tensors' bytes, each from a
 * multiple of the alignment. Offsets count from where the bytes begin.
 */
final class GgufWriter {
  static final int ALIGNMENT = 32;

  private static final int VERSION = 3;
  private static final int TYPE_UINT32 = 4;
  private static final int TYPE_FLOAT32 = 6;
  private static final int TYPE_STRING = 8;
  private static final int TYPE_ARRAY = 9;
  private static final int TYPE_FLOAT64 = 12;
  private static final int GGML_F32 = 0;

  private final Bytes metadata = new Bytes();
  private final Bytes descriptions = new Bytes();
  private final List<float[]> tensors = new ArrayList<>();
  private long keys;
  private long tensorBytes;

  GgufWriter() {
    uint32("general.alignment", ALIGNMENT);
  }

  GgufWriter string(String key, String value) {
    key(key, TYPE_STRING).string(value);
    return this;
  }

  GgufWriter uint32(String key, int value) {
    key(key, TYPE_UINT32).uint32(value);
    return this;
  }

  GgufWriter float32(String key, double value) {
    key(key, TYPE_FLOAT32).float32((float) value);
    return this;
  }

  GgufWriter uint32s(String key, int... values) {
    Bytes array = array(key, TYPE_UINT32, values.length);
    for (int value : values) {
      array.uint32(value);
    }
    return this;
  }

  GgufWriter float64s(String key, double... values) {
    Bytes array = array(key, TYPE_FLOAT64, values.length);
    for (double value : values) {
      array.float64(value);
    }
    return this;
  }

  GgufWriter vector(String name, RescaleFactors values) {
    float[] floats = new float[values.pairs()];
    for (int i = 0; i < floats.length; i++) {
      floats[i] = (float) values.get(i);
    }
    descriptions.string(name);
    descriptions.uint32(1);
    descriptions.uint64(floats.length);
    descriptions.uint32(GGML_F32);
    descriptions.uint64(tensorBytes);
    tensorBytes += padded(4L * floats.length);
    tensors.add(floats);
    return this;
  }

  /** Returns the content of the file. */
  byte[] build() {
    Bytes file = new Bytes();
    file.raw("GGUF".getBytes(StandardCharsets.US_ASCII));
    file.uint32(VERSION);
    file.uint64(tensors.size());
    file.uint64(keys);
    file.raw(metadata.toArray());
    file.raw(descriptions.toArray());
    file.pad();
    for (float[] tensor : tensors) {
      for (float value : tensor) {
        file.float32(value);
      }
      file.pad();
    }
    return file.toArray();
  }

  private Bytes key(String key, int type) {
    keys++;
    metadata.string(key);
    metadata.uint32(type);
    return metadata;
  }

  private Bytes array(String key, int elementType, int size) {
    Bytes bytes = key(key, TYPE_ARRAY);
    bytes.uint32(elementType);
    bytes.uint64(size);
    return bytes;
  }

  private static long padded(long size) {
    return (size + ALIGNMENT - 1) / ALIGNMENT * ALIGNMENT;
  }

  /** Growing buffer of little-endian numbers. */
  private static final class Bytes {
    private final ByteArrayOutputStream out = new ByteArrayOutputStream();

    void raw(byte[] bytes) {
      out.writeBytes(bytes);
    }

    void uint32(int value) {
      raw(little(Integer.BYTES).putInt(value).array());
    }

    void uint64(long value) {
      raw(little(Long.BYTES).putLong(value).array());
    }

    void float32(float value) {
      raw(little(Float.BYTES).putFloat(value).array());
    }

    void float64(double value) {
      raw(little(Double.BYTES).putDouble(value).array());
    }

    void string(String value) {
      byte[] bytes = value.getBytes(StandardCharsets.UTF_8);
      uint64(bytes.length);
      raw(bytes);
    }

    void pad() {
      raw(new byte[(int) (padded(out.size()) - out.size())]);
    }

    byte[] toArray() {
      return out.toByteArray();
    }

    private static ByteBuffer little(int size) {
      return ByteBuffer.allocate(size).order(ByteOrder.LITTLE_ENDIAN);
    }
  }
}
