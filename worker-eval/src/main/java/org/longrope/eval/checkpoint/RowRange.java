package org.longrope.eval.checkpoint;

import java.util.List;
import java.util.stream.LongStream;

/**
 * A range of a tensor's rows. A Java buffer ends at 2 GiB, which the embedding of a larger model
 * passes in float32, so tensors go between files, sockets, Java and libtorch in pieces of rows.
 *
 * @param from first row
 * @param to row after the last
 */
public record RowRange(long from, long to) {
  /** Upper bound of a piece, bytes; a row that is longer is a piece of its own. */
  public static final int PIECE_BYTES = 1 << 24;

  /**
   * Divides all rows of a tensor into pieces, in their order.
   *
   * @param rows of the tensor, 0 or more
   * @param rowBytes of one row
   */
  public static List<RowRange> pieces(long rows, long rowBytes) {
    long step = Math.max(1, PIECE_BYTES / Math.max(1, rowBytes));
    return LongStream.iterate(0, from -> from < rows, from -> from + step)
        .mapToObj(from -> new RowRange(from, Math.min(rows, from + step)))
        .toList();
  }

  /** Returns the number of rows. */
  public int size() {
    return Math.toIntExact(to - from);
  }
}
