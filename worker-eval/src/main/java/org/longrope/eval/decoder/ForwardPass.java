package org.longrope.eval.decoder;

import ai.djl.ndarray.types.DataType;
import ai.djl.ndarray.types.Shape;
import ai.djl.pytorch.engine.PtNDArray;
import ai.djl.pytorch.engine.PtNDManager;
import ai.djl.pytorch.jni.IValue;
import java.nio.LongBuffer;
import java.util.List;
import org.longrope.eval.checkpoint.ModelConfig;
import org.longrope.eval.rope.Rescaling;

/**
 * One sequence's way through the decoder, layer by layer. What has the sequence's length at any
 * moment is the hidden states, one layer's keys and values, and the angle tables.
 */
final class ForwardPass {
  private final DecoderProgram program;
  private final ModelConfig config;
  private final long[] windows;
  private final Chunks chunks;
  private final StopSignal stop;

  ForwardPass(
      DecoderProgram program, ModelConfig config, long[] windows, Chunks chunks, StopSignal stop) {
    this.program = program;
    this.config = config;
    this.windows = windows;
    this.chunks = chunks;
    this.stop = stop;
  }

  /** NLL in nats of tokens[from] … tokens[n−1]. */
  float[] nll(
      int[] tokens,
      int from,
      Rescaling rescaling,
      PtNDArray embedding,
      List<Stage> stages,
      PtNDArray[] output) {
    int positions = tokens.length - 1;
    double layersShare = 1 - EvaluationCost.headShare(config, windows, positions);
    LayerSteps steps = new LayerSteps(program, config, windows, chunks, stop.part(0, layersShare));
    PtNDManager manager = (PtNDManager) stages.get(0).manager().newSubManager();
    try {
      PtNDArray hidden = call(manager, "embed", ids(manager, tokens, 0, positions), embedding);
      for (Stage stage : stages) {
        if (!stage.manager().getDevice().equals(manager.getDevice())) {
          PtNDManager next = (PtNDManager) stage.manager().newSubManager();
          hidden = call(next, "move", hidden, next.create(new Shape(1)));
          manager.close();
          manager = next;
        }
        advance(steps, stage, hidden, positions, rescaling);
      }
      stop.progress(layersShare);
      return steps.score(hidden, output, ids(manager, tokens, 1, positions), from - 1, positions);
    } finally {
      manager.close();
    }
  }

  /** ids [1, n]. */
  private static PtNDArray ids(PtNDManager manager, int[] tokens, int offset, int n) {
    LongBuffer ids = LongBuffer.allocate(n);
    for (int t = 0; t < n; t++) {
      ids.put(tokens[offset + t]);
    }
    return (PtNDArray) manager.create(ids.flip(), new Shape(1, n), DataType.INT64);
  }

  private PtNDArray call(PtNDManager manager, String method, Object... arguments) {
    try (IValue result = program.call(method, arguments)) {
      return result.toTensor(manager);
    }
  }

  /** Takes hidden states [1, n, D] through the layers of a stage, in place. */
  private void advance(
      LayerSteps steps, Stage stage, PtNDArray hidden, int n, Rescaling rescaling) {
    try (PtNDManager local = (PtNDManager) stage.manager().newSubManager()) {
      PtNDArray[] tables = RopeTables.of(program, local, config.rope(), rescaling, n);
      PtNDArray[] caches;
      try (IValue created =
          program.call("caches", hidden, config.keyValueHeads(), config.headDimension())) {
        caches = created.toTensorArray(local);
      }
      int layer = stage.firstLayer();
      for (IValue weights : stage.layers()) {
        steps.advance(layer, weights, hidden, tables, caches, 0, n);
        layer++;
      }
    }
  }
}
