package org.longrope.eval.checkpoint;

import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.nio.channels.FileChannel;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;
import java.util.HashMap;
import java.util.HashSet;
import java.util.Iterator;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.TreeMap;
import java.util.stream.Stream;
import org.longrope.eval.AtomicFile;
import org.longrope.eval.BadInputException;
import org.longrope.eval.family.QueryFolding;
import org.longrope.eval.rope.QueryScales;

/**
 * Weight files of a checkpoint with query scales multiplied into them. A file has the bytes of the
 * original but for the rows that change, which keep their type.
 */
public final class FoldedWeights {
  private final Map<Path, TreeMap<Long, Change>> changes = new HashMap<>();
  private final Set<String> tensors = new HashSet<>();
  private final Set<DType> types = new HashSet<>();
  private double rounding;

  /** Rows at a place in a file. */
  private record Change(TensorView view, QueryFolding.Rows rows) {
    long end() {
      return view.offset() + view.rows() * view.rowBytes();
    }
  }

  /**
   * Prepares the files; no weight is read before {@link #write}.
   *
   * @throws BadInputException if the model's weights cannot contain the scales
   */
  public FoldedWeights(Checkpoint checkpoint, QueryScales scales) {
    for (QueryFolding.Rows rows : QueryFolding.of(checkpoint.config()).rows(scales)) {
      TensorView view = checkpoint.view(rows.part());
      changes
          .computeIfAbsent(view.file(), file -> new TreeMap<>())
          .put(view.offset(), new Change(view, rows));
      tensors.add(rows.part().tensor());
      types.add(view.dtype());
    }
  }

  /** Tells whether a weight file has other content than the original. */
  public boolean changes(Path file) {
    return changes.containsKey(file);
  }

  /** Returns how many tensors change. */
  public int tensors() {
    return tensors.size();
  }

  /** Returns the types of the tensors that change, by name. */
  public List<DType> types() {
    return types.stream().sorted().toList();
  }

  /**
   * Returns the greatest |rounded − exact| / |exact| of the weights of all files that were written
   * or compared so far.
   */
  public double rounding() {
    return rounding;
  }

  /**
   * Writes a weight file with the scales, whole or not at all.
   *
   * @throws BadInputException if a weight becomes too large for its type
   */
  public void write(Path file, Path target) throws IOException {
    try (AtomicFile writer = AtomicFile.open(target)) {
      for (Iterator<ByteBuffer> pieces = pieces(file).iterator(); pieces.hasNext(); ) {
        writer.write(pieces.next());
      }
      writer.commit();
    }
  }

  /** Tells whether another file has the bytes of a weight file with the scales. */
  public boolean isContent(Path file, Path other) throws IOException {
    try (FileChannel channel = FileChannel.open(other, StandardOpenOption.READ)) {
      for (Iterator<ByteBuffer> pieces = pieces(file).iterator(); pieces.hasNext(); ) {
        ByteBuffer piece = pieces.next();
        ByteBuffer there = ByteBuffer.allocate(piece.remaining());
        while (there.hasRemaining() && channel.read(there) >= 0) {
          // A read may return less than there is.
        }
        if (!piece.equals(there.flip())) {
          return false;
        }
      }
    }
    return true;
  }

  private Stream<ByteBuffer> pieces(Path file) {
    Stream<ByteBuffer> pieces = Stream.of();
    long position = 0;
    for (Change change : changes.getOrDefault(file, new TreeMap<>()).values()) {
      pieces = Stream.concat(pieces, unchanged(file, position, change.view.offset()));
      pieces = Stream.concat(pieces, scaled(change));
      position = change.end();
    }
    return Stream.concat(pieces, unchanged(file, position, size(file)));
  }

  private static Stream<ByteBuffer> unchanged(Path file, long from, long to) {
    return RowRange.pieces(to - from, 1).stream()
        .map(range -> map(file, from + range.from(), range.size()));
  }

  private static long size(Path file) {
    try (FileChannel channel = FileChannel.open(file, StandardOpenOption.READ)) {
      return channel.size();
    } catch (IOException e) {
      throw new UncheckedIOException("Cannot read " + file, e);
    }
  }

  private static ByteBuffer map(Path file, long from, int bytes) {
    try (FileChannel channel = FileChannel.open(file, StandardOpenOption.READ)) {
      return channel.map(FileChannel.MapMode.READ_ONLY, from, bytes);
    } catch (IOException e) {
      throw new UncheckedIOException("Cannot read " + file, e);
    }
  }

  private Stream<ByteBuffer> scaled(Change change) {
    TensorView view = change.view;
    return RowRange.pieces(view.rows(), view.rowBytes()).stream()
        .map(range -> scaled(change, range));
  }

  private ByteBuffer scaled(Change change, RowRange range) {
    DType type = change.view.dtype();
    ByteBuffer stored = change.view.rows(range.from(), range.to());
    ByteBuffer written = ByteBuffer.allocate(stored.remaining()).order(ByteOrder.LITTLE_ENDIAN);
    long width = change.view.rowBytes() / type.bytes();
    for (int row = (int) range.from(); row < range.to(); row++) {
      if (change.rows.keeps(row)) {
        ByteBuffer same = stored.slice(stored.position(), (int) change.view.rowBytes());
        written.put(same);
        stored.position(stored.position() + same.position());
        continue;
      }
      for (long i = 0; i < width; i++) {
        double exact = change.rows.scaled(type.get(stored), row);
        float rounded = type.round((float) exact);
        check(change, exact, rounded);
        type.put(written, rounded);
      }
    }
    return written.flip();
  }

  private void check(Change change, double exact, double rounded) {
    if (Double.isInfinite(rounded)) {
      throw BadInputException.of(
          "Cannot fold query scales into %s: %.6g is beyond what %s can hold; expected smaller"
              + " scales, or the model in BF16.",
          change.view.name(), exact, change.view.dtype());
    }
    double whole = change.rows.plusOne() ? 1 + exact : exact;
    if (whole != 0) {
      rounding = Math.max(rounding, Math.abs((rounded - exact) / whole));
    }
  }
}
