package org.longrope.eval.checkpoint;

import static org.assertj.core.api.Assertions.assertThat;

import java.util.List;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

class RowRangeTest {
  /** The second is Qwen2-7B's embedding by elements of float32: 2,179,989,504 bytes. */
  @ParameterizedTest
  @CsvSource({
    "0, 4, 0",
    "544997376, 4, 130",
    "152064, 14336, 130",
    "4194304, 4, 1",
    "4194305, 4, 2",
    "3, 20000000, 3",
    "3000000000, 2, 358"
  })
  void pieces_ofAnyTensor_areAllItsRowsInOrder(long rows, long rowBytes, int count) {
    List<RowRange> pieces = RowRange.pieces(rows, rowBytes);
    assertThat(pieces).hasSize(count);
    long next = 0;
    for (RowRange piece : pieces) {
      assertThat(piece.from()).isEqualTo(next);
      assertThat(piece.size()).isPositive();
      assertThat(piece.size() * rowBytes)
          .isLessThanOrEqualTo(Math.max(rowBytes, RowRange.PIECE_BYTES));
      next = piece.to();
    }
    assertThat(next).isEqualTo(rows);
  }
}
