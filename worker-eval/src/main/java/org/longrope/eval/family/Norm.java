package org.longrope.eval.family;

/** Kind of the norms around a layer's parts and of the last norm. */
public enum Norm {
  /** x / rms(x) · w. */
  RMS("norm-rms.ts"),
  /** x / rms(x) · (1 + w) (Gemma). */
  RMS_PLUS_ONE("norm-rms-plus-one.ts"),
  /** (x − mean) / deviation · w + b, b if the model has it. */
  LAYER("norm-layer.ts"),
  /** Norm of {@link #LAYER} with 1 + w (Nemotron). */
  LAYER_PLUS_ONE("norm-layer-plus-one.ts"),
  /** Norm of {@link #LAYER} without weights (OLMo). */
  LAYER_UNWEIGHTED("norm-layer-unweighted.ts");

  private final String file;

  Norm(String file) {
    this.file = file;
  }

  /** Returns the name of the program's block. */
  public String file() {
    return file;
  }

  /** Tells whether the norm subtracts the mean. */
  boolean isLayerNorm() {
    return this != RMS && this != RMS_PLUS_ONE;
  }
}
