package org.longrope.eval.decoder;

import ai.djl.pytorch.engine.PtNDArray;
import ai.djl.pytorch.jni.IValue;
import ai.djl.pytorch.jni.JniUtils;
import java.util.List;
import org.longrope.eval.checkpoint.ModelConfig;

/**
 * Decoder program with a model's weights on its devices. Threads share it.
 *
 * @param windows last keys that a query sees in each layer, itself included; 0 is all
 * @param embedding [V, D], on the device of the first stage
 * @param stages all layers in order
 * @param output on the device of the last stage
 */
record LoadedDecoder(
    ModelConfig config,
    List<Integer> windows,
    Chunks chunks,
    DecoderProgram program,
    PtNDArray embedding,
    List<Stage> stages,
    OutputWeights output)
    implements AutoCloseable {

  /**
   * Weights after the last layer.
   *
   * @param norm final RMS norm, [D]
   * @param head output head, [V, D]; the embedding where they are tied
   */
  record OutputWeights(PtNDArray norm, PtNDArray head) {}

  @Override
  public void close() {
    close(program, stages);
  }

  /** Frees the program and the weights of stages. */
  static void close(DecoderProgram program, List<Stage> stages) {
    boolean gpu = stages.stream().anyMatch(stage -> stage.manager().getDevice().isGpu());
    stages.forEach(stage -> stage.layers().forEach(IValue::close));
    program.close();
    stages.forEach(stage -> stage.manager().close());
    if (gpu) {
      // Otherwise libtorch keeps the memory reserved for later tensors and it counts as used.
      JniUtils.emptyCudaCache();
    }
  }
}
