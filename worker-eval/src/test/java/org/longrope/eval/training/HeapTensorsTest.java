package org.longrope.eval.training;

import static org.assertj.core.api.Assertions.assertThat;

import ai.djl.ndarray.NDManager;
import ai.djl.pytorch.engine.PtNDArray;
import ai.djl.pytorch.engine.PtNDManager;
import java.util.Arrays;
import java.util.List;
import java.util.stream.Stream;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;
import org.longrope.eval.checkpoint.RowRange;

@Tag("numeric")
class HeapTensorsTest {
  private static final long MORE_THAN_A_PIECE = RowRange.PIECE_BYTES / Float.BYTES + 5;

  static Stream<List<Long>> shapes() {
    return Stream.of(
        List.of(),
        List.of(1L),
        List.of(0L),
        List.of(3L, 4L),
        List.of(MORE_THAN_A_PIECE),
        List.of(MORE_THAN_A_PIECE / 1000, 1000L));
  }

  private static float[] values(List<Long> shape, int add) {
    float[] values =
        new float[shape.stream().mapToInt(Math::toIntExact).reduce(1, (a, b) -> a * b)];
    for (int i = 0; i < values.length; i++) {
      values[i] = i + add;
    }
    return values;
  }

  @ParameterizedTest
  @MethodSource("shapes")
  void valuesAndSet_ofAnyNumberOfPieces_areEqual(List<Long> shape) {
    float[] first = values(shape, 0);
    float[] second = values(shape, 7);
    try (NDManager manager = NDManager.newBaseManager("PyTorch")) {
      PtNDArray tensor =
          HeapTensors.toLibtorch((PtNDManager) manager, new FloatTensor(shape, first));
      assertThat(tensor.getShape().getShape()).containsExactly(shape.toArray(Long[]::new));
      assertThat(Arrays.equals(HeapTensors.values(tensor), first)).isTrue();
      // A view of its memory must show the change, as autograd's gradients do.
      PtNDArray view = (PtNDArray) tensor.reshape(-1);
      HeapTensors.set(tensor, second);
      assertThat(Arrays.equals(HeapTensors.values(view), second)).isTrue();
    }
  }
}
