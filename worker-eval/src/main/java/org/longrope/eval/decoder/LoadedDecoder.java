package org.longrope.eval.decoder;

import ai.djl.pytorch.engine.PtNDArray;
import ai.djl.pytorch.jni.IValue;
import ai.djl.pytorch.jni.JniUtils;
import java.util.List;
import org.longrope.eval.family.DecoderSpec;

/**
 * Decoder program with a model's weights on its devices. Threads share it.
 *
 * @param windows last keys that a query sees in each layer, itself included; 0 is all
 * @param gradient program of the backward pass
 * @param embedding [V, D], on the device of the first stage
 * @param stages all layers in order
 * @param output weights after the last layer, on the device of the last stage
 */
record LoadedDecoder(
    DecoderSpec config,
    List<Integer> windows,
    Chunks chunks,
    DecoderProgram program,
    GradientProgram gradient,
    PtNDArray embedding,
    List<Stage> stages,
    IValue output)
    implements AutoCloseable {

  @Override
  public void close() {
    output.close();
    gradient.close();
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
