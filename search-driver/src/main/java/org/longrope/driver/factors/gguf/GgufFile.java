package org.longrope.driver.factors.gguf;

import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.nio.channels.FileChannel;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;
import java.util.List;
import java.util.Map;
import org.jspecify.annotations.Nullable;
import org.longrope.eval.BadInputException;

/**
 * Structure of a GGUF file (ggml's docs/gguf.md): its metadata, and where its tensors lie. The
 * tensors themselves stay in the file.
 *
 * @param path of the file
 * @param version of the format, 2 or 3
 * @param alignment of tensors, bytes
 * @param metadata by key, in the file's order
 * @param tensors in the file's order
 */
public record GgufFile(
    Path path, int version, int alignment, Map<String, Entry> metadata, List<Tensor> tensors) {
  static final String ALIGNMENT_KEY = "general.alignment";

  /**
   * Key with its value.
   *
   * @param from position of the key, bytes from the file's begin
   * @param to position after the value
   * @param value a Long, Double, Boolean or String; null for a list, and for a long text
   */
  public record Entry(String key, long from, long to, @Nullable Object value) {}

  /**
   * Tensor's description.
   *
   * @param dimensions those along a row first
   * @param type of the elements
   * @param from position of the first byte, from the file's begin
   */
  public record Tensor(String name, List<Long> dimensions, GgmlType type, long from) {
    public Tensor {
      dimensions = List.copyOf(dimensions);
    }

    long elements() {
      return dimensions.stream().reduce(1L, Math::multiplyExact);
    }

    /** Returns the number of bytes, without padding. */
    long bytes() {
      return Math.multiplyExact(elements() / type.blockElements(), type.blockBytes());
    }

    /** Returns the number of elements of a row; a vector's elements are rows of their own. */
    long rowElements() {
      return dimensions.size() == 1 ? 1 : dimensions.get(0);
    }

    /** Returns the number of rows, those of all matrices together. */
    public long rows() {
      return elements() / rowElements();
    }
  }

  public GgufFile {
    tensors = List.copyOf(tensors);
  }

  /**
   * Reads the structure.
   *
   * @throws BadInputException if there is no such file, or it is damaged
   */
  public static GgufFile read(Path path) {
    return GgufReader.read(path);
  }

  /** Tells whether there is a key. */
  public boolean has(String key) {
    return metadata.containsKey(key);
  }

  /** Returns a value; null if there is none, or it is a list or a long text. */
  public @Nullable Object value(String key) {
    Entry entry = metadata.get(key);
    return entry == null ? null : entry.value();
  }

  /** Returns a tensor; null if there is none. */
  public @Nullable Tensor tensor(String name) {
    return tensors.stream().filter(tensor -> tensor.name().equals(name)).findFirst().orElse(null);
  }

  /**
   * Reads a small vector.
   *
   * @param size that it must have
   * @throws BadInputException if it is not of this size and F32
   */
  public double[] vector(Tensor tensor, int size) {
    if (tensor.type() != GgmlType.F32 || tensor.elements() != size) {
      throw BadInputException.of(
          "Tensor %s of %s has %d elements of %s: expected %d of F32; convert the model again.",
          tensor.name(), path, tensor.elements(), tensor.type(), size);
    }
    ByteBuffer bytes = ByteBuffer.allocate(Float.BYTES * size).order(ByteOrder.LITTLE_ENDIAN);
    try (FileChannel channel = FileChannel.open(path, StandardOpenOption.READ)) {
      while (bytes.hasRemaining() && channel.read(bytes, tensor.from() + bytes.position()) >= 0) {
        // A read may return less than there is.
      }
    } catch (IOException e) {
      throw new BadInputException("Cannot read " + path + ": " + e, e);
    }
    double[] values = new double[size];
    for (int i = 0; i < size; i++) {
      values[i] = bytes.getFloat(Float.BYTES * i);
    }
    return values;
  }
}
