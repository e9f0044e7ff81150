package org.longrope.driver.factors.gguf;

import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.List;

/**
 * Builder of a small GGUF file: version 3, little-endian, vectors of F32 only (ggml's
 * docs/gguf.md).
 *
 * <p>Layout: header, metadata, one description per tensor, then the tensors' bytes, each from a
 * multiple of the alignment. Offsets count from where the bytes begin.
 */
public final class GgufWriter {
  static final int ALIGNMENT = 32;
  static final byte[] MAGIC = "GGUF".getBytes(StandardCharsets.US_ASCII);

  private static final int VERSION = 3;

  private final GgufMetadata metadata;
  private final LittleEndian descriptions = new LittleEndian();
  private final List<byte[]> tensors = new ArrayList<>();
  private long tensorBytes;

  /** Begins a file with these keys. */
  public GgufWriter(GgufMetadata metadata) {
    this.metadata = metadata;
  }

  /** Adds a tensor of one dimension. */
  public GgufWriter vector(String name, float[] values) {
    descriptions.raw(description(name, values.length, tensorBytes));
    tensorBytes += LittleEndian.padded((long) Float.BYTES * values.length, ALIGNMENT);
    tensors.add(bytes(values));
    return this;
  }

  /** Returns the content of the file. */
  public byte[] build() {
    LittleEndian file = new LittleEndian().raw(MAGIC).uint32(VERSION);
    file.uint64(tensors.size()).uint64(1 + metadata.keys().size());
    file.raw(
        new GgufMetadata().uint32(GgufFile.ALIGNMENT_KEY, ALIGNMENT).entry(GgufFile.ALIGNMENT_KEY));
    metadata.keys().forEach(key -> file.raw(metadata.entry(key)));
    file.raw(descriptions.toArray()).pad(ALIGNMENT);
    for (byte[] tensor : tensors) {
      file.raw(tensor).pad(ALIGNMENT);
    }
    return file.toArray();
  }

  /** Returns the description of a vector of F32. */
  static byte[] description(String name, int size, long offset) {
    return new LittleEndian()
        .string(name)
        .uint32(1)
        .uint64(size)
        .uint32(GgmlType.F32.id())
        .uint64(offset)
        .toArray();
  }

  static byte[] bytes(float[] values) {
    LittleEndian bytes = new LittleEndian();
    for (float value : values) {
      bytes.float32(value);
    }
    return bytes.toArray();
  }
}
