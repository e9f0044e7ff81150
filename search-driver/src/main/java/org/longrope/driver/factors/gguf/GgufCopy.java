package org.longrope.driver.factors.gguf;

import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.nio.channels.FileChannel;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.function.Predicate;
import org.longrope.driver.factors.gguf.GgufFile.Entry;
import org.longrope.driver.factors.gguf.GgufFile.Tensor;
import org.longrope.eval.BadInputException;

/**
 * Copy of a GGUF file with other keys, further vectors and multiplied rows. Everything else has the
 * bytes of the original; tensors pass through a buffer.
 */
public final class GgufCopy {
  private static final int BUFFER_BYTES = 1 << 20;

  private final GgufFile base;
  private final GgufMetadata added;
  private final List<Entry> kept;
  private final Map<String, float[]> vectors = new LinkedHashMap<>();
  private final Map<String, ScaledRows> scaled = new HashMap<>();
  private final List<Tensor> tensors = new ArrayList<>();

  /**
   * Prepares a copy.
   *
   * @param added keys, in place of those of the same name
   * @param keys whether another key is left out
   * @param names whether a tensor is left out
   */
  public GgufCopy(
      GgufFile base, GgufMetadata added, Predicate<String> keys, Predicate<String> names) {
    this.base = base;
    this.added = added;
    kept =
        base.metadata().values().stream()
            .filter(entry -> !added.keys().contains(entry.key()) && !keys.test(entry.key()))
            .toList();
    base.tensors().stream().filter(tensor -> !names.test(tensor.name())).forEach(tensors::add);
  }

  /** Adds a tensor of one dimension in F32, in place of one of the same name. */
  public GgufCopy vector(String name, float[] values) {
    tensors.removeIf(tensor -> tensor.name().equals(name));
    vectors.put(name, values.clone());
    return this;
  }

  /**
   * Multiplies the rows of a tensor.
   *
   * @param multipliers one for each row
   * @throws BadInputException if it is of another shape, or of a type that cannot be multiplied
   */
  public void scale(Tensor tensor, double[] multipliers) {
    scaled.put(tensor.name(), new ScaledRows(base, tensor, multipliers));
  }

  /** Returns how many tensors are multiplied. */
  public int scaledTensors() {
    return scaled.size();
  }

  /** Returns the types of the tensors that are multiplied, by name. */
  public List<GgmlType> scaledTypes() {
    return scaled.values().stream().map(ScaledRows::type).distinct().sorted().toList();
  }

  /** Returns the greatest relative change by rounding of all numbers that were written. */
  public double rounding() {
    return scaled.values().stream().mapToDouble(ScaledRows::rounding).max().orElse(0);
  }

  /** Returns the number of bytes of the copy. */
  public long size() {
    long size = begin();
    for (Tensor tensor : tensors) {
      size += padded(tensor.bytes());
    }
    for (float[] values : vectors.values()) {
      size += padded((long) Float.BYTES * values.length);
    }
    return size;
  }

  /**
   * Writes a new file and forces it to the disk.
   *
   * @throws IOException if one of the files cannot be read or written
   * @throws BadInputException if a weight becomes too large for its type
   */
  public void write(Path target) throws IOException {
    try (FileChannel in = FileChannel.open(base.path(), StandardOpenOption.READ);
        FileChannel out =
            FileChannel.open(target, StandardOpenOption.CREATE_NEW, StandardOpenOption.WRITE)) {
      writeAll(out, ByteBuffer.wrap(header()));
      for (Entry entry : kept) {
        copy(in, entry.from(), entry.to(), out);
      }
      LittleEndian rest = new LittleEndian();
      added.keys().forEach(key -> rest.raw(added.entry(key)));
      rest.raw(descriptions());
      writeAll(out, ByteBuffer.wrap(rest.toArray()));
      pad(out);
      for (Tensor tensor : tensors) {
        copy(in, tensor, out);
        pad(out);
      }
      for (float[] values : vectors.values()) {
        writeAll(out, ByteBuffer.wrap(GgufWriter.bytes(values)));
        pad(out);
      }
      out.force(true);
    }
  }

  private byte[] header() {
    return new LittleEndian()
        .raw(GgufWriter.MAGIC)
        .uint32(base.version())
        .uint64(tensors.size() + vectors.size())
        .uint64(kept.size() + added.keys().size())
        .toArray();
  }

  /** Describes all tensors; each begins where the one before it ends, as llama.cpp requires. */
  private byte[] descriptions() {
    LittleEndian descriptions = new LittleEndian();
    long offset = 0;
    for (Tensor tensor : tensors) {
      descriptions.string(tensor.name()).uint32(tensor.dimensions().size());
      tensor.dimensions().forEach(descriptions::uint64);
      descriptions.uint32(tensor.type().id()).uint64(offset);
      offset += padded(tensor.bytes());
    }
    for (Map.Entry<String, float[]> vector : vectors.entrySet()) {
      int size = vector.getValue().length;
      descriptions.raw(GgufWriter.description(vector.getKey(), size, offset));
      offset += padded((long) Float.BYTES * size);
    }
    return descriptions.toArray();
  }

  /** Returns where the tensors begin. */
  private long begin() {
    long position = header().length + (long) descriptions().length;
    for (Entry entry : kept) {
      position += entry.to() - entry.from();
    }
    for (String key : added.keys()) {
      position += added.entry(key).length;
    }
    return padded(position);
  }

  private long padded(long size) {
    return LittleEndian.padded(size, base.alignment());
  }

  private void pad(FileChannel out) throws IOException {
    long position = out.position();
    writeAll(out, ByteBuffer.allocate(Math.toIntExact(padded(position) - position)));
  }

  private void copy(FileChannel in, Tensor tensor, FileChannel out) throws IOException {
    ScaledRows rows = scaled.get(tensor.name());
    long end = tensor.from() + tensor.bytes();
    if (rows == null) {
      copy(in, tensor.from(), end, out);
      return;
    }
    int blockBytes = tensor.type().blockBytes();
    ByteBuffer buffer = ByteBuffer.allocate(BUFFER_BYTES / blockBytes * blockBytes);
    buffer.order(ByteOrder.LITTLE_ENDIAN);
    for (long from = tensor.from(); from < end; from += buffer.limit()) {
      read(in, from, end, buffer);
      rows.apply(buffer, (from - tensor.from()) / blockBytes);
      writeAll(out, buffer.position(0));
    }
  }

  private void copy(FileChannel in, long from, long to, FileChannel out) throws IOException {
    ByteBuffer buffer = ByteBuffer.allocate((int) Math.min(BUFFER_BYTES, to - from));
    for (long at = from; at < to; at += buffer.limit()) {
      read(in, at, to, buffer);
      writeAll(out, buffer);
    }
  }

  /** Fills the buffer from its begin, up to a position of the file. */
  private void read(FileChannel in, long from, long to, ByteBuffer buffer) throws IOException {
    buffer.clear().limit((int) Math.min(buffer.capacity(), to - from));
    while (buffer.hasRemaining()) {
      if (in.read(buffer, from + buffer.position()) < 0) {
        throw new IOException(base.path() + " became shorter while it was read");
      }
    }
    buffer.flip();
  }

  private static void writeAll(FileChannel out, ByteBuffer bytes) throws IOException {
    while (bytes.hasRemaining()) {
      out.write(bytes);
    }
  }
}
