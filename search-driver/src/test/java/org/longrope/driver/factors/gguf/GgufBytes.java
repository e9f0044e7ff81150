package org.longrope.driver.factors.gguf;

import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;

/** GGUF file for tests by ggml's docs/gguf.md; shares nothing with the code under test. */
public final class GgufBytes {
  private final Map<String, byte[]> keys = new LinkedHashMap<>();
  private final List<Described> tensors = new ArrayList<>();
  private int alignment = 32;

  private record Described(String name, int type, List<Long> dimensions, byte[] content) {}

  /** Adds a key with the number of its type and the bytes of its value. */
  public GgufBytes key(String key, int type, byte[]... value) {
    keys.put(key, join(join(string(key), uint32(type)), join(value)));
    return this;
  }

  public GgufBytes text(String key, String value) {
    return key(key, 8, string(value));
  }

  public GgufBytes count(String key, int value) {
    return key(key, 4, uint32(value));
  }

  public GgufBytes float32(String key, double value) {
    return key(key, 6, floats((float) value));
  }

  GgufBytes alignment(int bytes) {
    alignment = bytes;
    return count("general.alignment", bytes);
  }

  public GgufBytes tensor(String name, int type, byte[] content, long... dimensions) {
    tensors.add(new Described(name, type, Arrays.stream(dimensions).boxed().toList(), content));
    return this;
  }

  public GgufBytes vector(String name, float... values) {
    return tensor(name, 0, floats(values), values.length);
  }

  /** Returns a key's bytes as they are in the file. */
  byte[] entry(String key) {
    return keys.get(key).clone();
  }

  /** Returns the file; the last tensor is not padded. */
  public byte[] build() {
    byte[] file = join("GGUF".getBytes(StandardCharsets.US_ASCII), uint32(3));
    file = join(file, uint64(tensors.size()), uint64(keys.size()));
    file = join(file, join(keys.values().toArray(byte[][]::new)));
    long offset = 0;
    for (Described tensor : tensors) {
      file = join(file, string(tensor.name), uint32(tensor.dimensions.size()));
      for (long n : tensor.dimensions) {
        file = join(file, uint64(n));
      }
      file = join(file, uint32(tensor.type), uint64(offset));
      offset += padded(tensor.content.length);
    }
    for (Described tensor : tensors) {
      file = join(Arrays.copyOf(file, (int) padded(file.length)), tensor.content);
    }
    return file;
  }

  public Path write(Path file) {
    try {
      return Files.write(file, build());
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
  }

  private long padded(long size) {
    return (size + alignment - 1) / alignment * alignment;
  }

  static byte[] join(byte[]... parts) {
    ByteArrayOutputStream all = new ByteArrayOutputStream();
    for (byte[] part : parts) {
      all.writeBytes(part);
    }
    return all.toByteArray();
  }

  static byte[] string(String value) {
    byte[] bytes = value.getBytes(StandardCharsets.UTF_8);
    return join(uint64(bytes.length), bytes);
  }

  static byte[] uint32(int value) {
    return little(4).putInt(value).array();
  }

  static byte[] uint64(long value) {
    return little(8).putLong(value).array();
  }

  public static byte[] floats(float... values) {
    ByteBuffer bytes = little(4 * values.length);
    for (float value : values) {
      bytes.putFloat(value);
    }
    return bytes.array();
  }

  static ByteBuffer little(int size) {
    return ByteBuffer.allocate(size).order(ByteOrder.LITTLE_ENDIAN);
  }
}
