package org.longrope.eval.checkpoint;

import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.nio.channels.FileChannel;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;
import java.util.ArrayList;
import java.util.List;
import org.longrope.eval.BadInputException;

/**
 * Location of a tensor, or of a range of its rows, in a file. Nothing is read before {@link #rows}
 * maps it, so a view costs nothing and outlives no file handle. A row is one index of dimension 0:
 * of a vector, one element; a scalar has a single row.
 *
 * @param name as in the safetensors header; a slice has its range appended
 * @param dtype type of the elements, stored little-endian
 * @param shape outermost dimension first
 * @param file the safetensors file
 * @param offset position of the first byte in the file
 */
public record TensorView(String name, DType dtype, List<Long> shape, Path file, long offset) {
  public TensorView {
    shape = List.copyOf(shape);
  }

  /** Returns the length of dimension 0. */
  public long rows() {
    return shape.isEmpty() ? 1 : shape.get(0);
  }

  /** Returns the bytes of one row. */
  public long rowBytes() {
    return shape.stream().skip(1).reduce((long) dtype.bytes(), Math::multiplyExact);
  }

  /** Returns the number of elements. */
  public long elements() {
    return shape.stream().reduce(1L, Math::multiplyExact);
  }

  /**
   * Maps rows [from, to) read-only, in the byte order of the file (little-endian); the map goes
   * away with the buffer.
   *
   * @throws IllegalArgumentException if the range is not within the tensor, or above 2 GiB: larger
   *     tensors are taken in pieces
   * @throws BadInputException if the file has become shorter since it was opened
   */
  public ByteBuffer rows(long from, long to) {
    checkRange(from, to);
    long bytes = (to - from) * rowBytes();
    if (bytes > Integer.MAX_VALUE) {
      throw new IllegalArgumentException(
          "Cannot map " + bytes + " bytes of " + name + " at once: take fewer rows");
    }
    long start = offset + from * rowBytes();
    try (FileChannel channel = FileChannel.open(file, StandardOpenOption.READ)) {
      if (channel.size() < start + bytes) {
        throw BadInputException.of(
            "%s has become shorter since it was opened, tensor '%s' is cut off: fetch the file"
                + " again and leave it alone during the run.",
            file, name);
      }
      return channel
          .map(FileChannel.MapMode.READ_ONLY, start, bytes)
          .order(ByteOrder.LITTLE_ENDIAN);
    } catch (IOException e) {
      throw new UncheckedIOException("Cannot read tensor '" + name + "' of " + file, e);
    }
  }

  /** Returns the view whose leading dimensions are counted together as rows. */
  public TensorView flattened(int leading) {
    List<Long> flat = new ArrayList<>(shape.subList(leading, shape.size()));
    flat.add(0, shape.subList(0, leading).stream().reduce(1L, Math::multiplyExact));
    return new TensorView(name, dtype, flat, file, offset);
  }

  /**
   * Returns the view of rows [from, to) alone.
   *
   * @throws IllegalArgumentException if the range is not within the tensor
   */
  public TensorView slice(long from, long to) {
    checkRange(from, to);
    if (from == 0 && to == rows()) {
      return this;
    }
    List<Long> sliced = new ArrayList<>(shape);
    sliced.set(0, to - from);
    return new TensorView(
        name + "[" + from + ":" + to + "]", dtype, sliced, file, offset + from * rowBytes());
  }

  private void checkRange(long from, long to) {
    if (!(0 <= from && from <= to && to <= rows())) {
      throw new IllegalArgumentException(
          "Cannot take rows " + from + " to " + to + " of " + name + " with shape " + shape);
    }
  }
}
