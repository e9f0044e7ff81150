package org.longrope.eval.decoder;

import ai.djl.Device;
import ai.djl.ndarray.NDArray;
import ai.djl.ndarray.NDArrays;
import ai.djl.ndarray.NDList;
import ai.djl.ndarray.NDManager;
import ai.djl.ndarray.types.DataType;
import ai.djl.ndarray.types.Shape;
import ai.djl.pytorch.engine.PtNDArray;
import ai.djl.pytorch.engine.PtNDManager;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import org.jspecify.annotations.Nullable;
import org.longrope.eval.checkpoint.Checkpoint;
import org.longrope.eval.checkpoint.DType;
import org.longrope.eval.checkpoint.TensorView;
import org.longrope.eval.family.TensorPart;

/** Loader of weights from the memory map to a device. */
final class WeightLoader {
  /** A Java buffer ends at 2 GiB; larger tensors are taken in pieces of whole rows. */
  private static final long PIECE_BYTES = 1L << 30;

  private final DecoderProgram program;
  private final Checkpoint checkpoint;
  private final PtNDManager manager;
  private final boolean widen;
  private final Map<TensorPart, PtNDArray> loaded = new HashMap<>();
  private final PtNDArray none;

  /**
   * Prepares to load to a device.
   *
   * @param manager of the device
   * @param widen whether to make float32 of narrower weights
   */
  WeightLoader(DecoderProgram program, Checkpoint checkpoint, PtNDManager manager, boolean widen) {
    this.program = program;
    this.checkpoint = checkpoint;
    this.manager = manager;
    this.widen = widen;
    none = (PtNDArray) manager.create(new Shape(0));
  }

  /** Loads weights, each once; an empty tensor takes the place of one that the model lacks. */
  PtNDArray[] load(List<@Nullable TensorPart> parts) {
    PtNDArray[] weights = new PtNDArray[parts.size()];
    for (int i = 0; i < weights.length; i++) {
      TensorPart part = parts.get(i);
      weights[i] =
          part == null ? none : loaded.computeIfAbsent(part, p -> whole(checkpoint.view(p)));
    }
    return weights;
  }

  private PtNDArray whole(TensorView stored) {
    long step = Math.max(1, PIECE_BYTES / stored.rowBytes());
    if (stored.rows() <= step) {
      return piece(manager, stored, 0, stored.rows());
    }
    try (PtNDManager local = (PtNDManager) manager.newSubManager()) {
      NDList pieces = new NDList();
      for (long from = 0; from < stored.rows(); from += step) {
        pieces.add(piece(local, stored, from, Math.min(stored.rows(), from + step)));
      }
      NDArray whole = NDArrays.concat(pieces);
      whole.attach(manager);
      return (PtNDArray) whole;
    }
  }

  private PtNDArray piece(PtNDManager target, TensorView stored, long from, long to) {
    ByteBuffer bytes = stored.rows(from, to).order(ByteOrder.nativeOrder());
    long[] dimensions = stored.shape().stream().mapToLong(Long::longValue).toArray();
    if (dimensions.length > 0) {
      dimensions[0] = to - from;
    }
    boolean mapped = stored.dtype() == DType.F32 && !target.getDevice().isGpu();
    // libtorch needs aligned elements, which a checkpoint file does not guarantee.
    if (mapped && bytes.alignmentOffset(0, DType.F32.bytes()) != 0) {
      bytes =
          ByteBuffer.allocateDirect(bytes.remaining()).order(ByteOrder.nativeOrder()).put(bytes);
      bytes.flip();
    }
    DataType type = stored.dtype() == DType.F32 ? DataType.FLOAT32 : DataType.FLOAT16;
    try (NDManager host = Libtorch.manager(Device.cpu())) {
      PtNDArray raw = (PtNDArray) host.create(bytes, new Shape(dimensions), type);
      if (mapped) {
        raw.attach(target);
        return raw;
      }
      PtNDArray like = (PtNDArray) target.create(new Shape(1));
      PtNDArray how =
          (PtNDArray) host.create(new long[] {stored.dtype() == DType.BF16 ? 1 : 0, widen ? 1 : 0});
      // Autograd rejects what inference mode makes.
      PtNDArray computed =
          program.callWithAutograd("toComputeType", List.of(raw, like, how), List.of());
      computed.attach(target);
      return computed;
    }
  }
}
