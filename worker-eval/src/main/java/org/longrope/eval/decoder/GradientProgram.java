package org.longrope.eval.decoder;

import ai.djl.pytorch.engine.PtNDManager;
import org.jspecify.annotations.Nullable;
import org.longrope.eval.family.DecoderSpec;

/** Program of the backward pass, which is loaded when the first gradient is computed. */
final class GradientProgram implements AutoCloseable {
  private final PtNDManager manager;
  private final DecoderSpec spec;
  private @Nullable DecoderProgram program;

  GradientProgram(PtNDManager manager, DecoderSpec spec) {
    this.manager = manager;
    this.spec = spec;
  }

  synchronized DecoderProgram get() {
    if (program == null) {
      program = DecoderProgram.loadForGradient(manager, spec);
    }
    return program;
  }

  @Override
  public synchronized void close() {
    if (program != null) {
      program.close();
      program = null;
    }
  }
}
