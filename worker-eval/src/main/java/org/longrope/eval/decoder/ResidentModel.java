package org.longrope.eval.decoder;

import ai.djl.Device;
import ai.djl.engine.Engine;
import ai.djl.ndarray.NDManager;
import ai.djl.ndarray.types.DataType;
import ai.djl.ndarray.types.Shape;
import ai.djl.pytorch.engine.PtNDArray;
import ai.djl.pytorch.engine.PtNDManager;
import ai.djl.pytorch.jni.IValue;
import java.nio.LongBuffer;
import java.util.Locale;
import org.longrope.eval.checkpoint.Checkpoint;
import org.longrope.eval.checkpoint.ModelConfig;
import org.longrope.eval.rope.Rescaling;

/**
 * A checkpoint that is loaded once and answers many evaluations. Its weights exist once in the
 * process and are shared by all threads; float32 weights on the CPU are the memory-mapped file
 * itself.
 */
public final class ResidentModel implements AutoCloseable {
  private final ModelConfig config;
  private final long[] windows;
  private final PtNDManager manager;
  private final DecoderProgram program;
  private final IValue weights;
  private final String computeType;

  private ResidentModel(
      ModelConfig config,
      AttentionWindow window,
      PtNDManager manager,
      DecoderProgram program,
      IValue weights,
      String computeType) {
    this.config = config;
    windows = window.windows(config).stream().mapToLong(Integer::longValue).toArray();
    this.manager = manager;
    this.program = program;
    this.weights = weights;
    this.computeType = computeType;
  }

  /** Loads onto the first GPU when libtorch sees one, else for the CPU. */
  public static ResidentModel load(Checkpoint checkpoint, AttentionWindow window) {
    System.setProperty("ai.djl.offline", "true");
    Engine engine = Engine.getEngine("PyTorch");
    return load(checkpoint, window, engine.getGpuCount() > 0 ? Device.gpu(0) : Device.cpu());
  }

  /**
   * Loads onto a device. CPUs compute in float32, into which narrower weights are widened once;
   * GPUs compute in the checkpoint's own type.
   */
  public static ResidentModel load(Checkpoint checkpoint, AttentionWindow window, Device device) {
    PtNDManager manager = (PtNDManager) NDManager.newBaseManager(device, "PyTorch");
    try {
      DecoderProgram program = DecoderProgram.load(manager);
      boolean widen = !device.isGpu();
      PtNDArray[] placed = WeightLoader.load(program, manager, checkpoint, widen);
      String computeType = widen ? "f32" : checkpoint.dtype().name().toLowerCase(Locale.ROOT);
      return new ResidentModel(
          checkpoint.config(), window, manager, program, IValue.listFrom(placed), computeType);
    } catch (RuntimeException e) {
      manager.close();
      throw e;
    }
  }

  public ModelConfig config() {
    return config;
  }

  /** The type of weights and activations: f32, f16 or bf16. */
  public String computeType() {
    return computeType;
  }

  /**
   * Negative log-likelihoods of a sequence's tokens, each given all tokens before it.
   *
   * @param tokens n ids of the vocabulary, BOS included
   * @param from the first token to score, 1 … n−1
   * @return NLL in nats of tokens[from] … tokens[n−1]
   */
  public float[] nll(int[] tokens, int from, Rescaling rescaling) {
    if (!(from >= 1 && from < tokens.length)) {
      throw new IllegalArgumentException(
          "Cannot score from token " + from + " of " + tokens.length);
    }
    int positions = tokens.length - 1;
    long[] ids = new long[tokens.length];
    for (int t = 0; t < tokens.length; t++) {
      ids[t] = tokens[t];
    }
    try (PtNDManager local = (PtNDManager) manager.newSubManager()) {
      PtNDArray[] tables = RopeTables.of(program, local, config.rope(), rescaling, positions);
      try (IValue nll =
              program.call(
                  "nll",
                  tensor(local, ids, 0, positions),
                  tensor(local, ids, 1, positions),
                  from - 1,
                  tables[0],
                  tables[1],
                  weights,
                  config.attentionHeads(),
                  config.keyValueHeads(),
                  config.rmsNormEpsilon(),
                  windows,
                  Chunks.POSITIONS,
                  Chunks.head(config),
                  false);
          PtNDArray scored = nll.toTensor(local)) {
        return scored.toFloatArray();
      }
    }
  }

  private static PtNDArray tensor(PtNDManager manager, long[] ids, int offset, int length) {
    return (PtNDArray)
        manager.create(
            LongBuffer.wrap(ids, offset, length).slice(), new Shape(1, length), DataType.INT64);
  }

  @Override
  public void close() {
    weights.close();
    program.close();
    manager.close();
  }
}
