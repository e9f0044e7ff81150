package org.longrope.eval.family;

/** Activation of a feed-forward. */
public enum Activation {
  SILU("activation-silu.ts"),
  /** z Φ(z). */
  GELU("activation-gelu.ts"),
  /** z / 2 · (1 + tanh(√(2/π) (z + 0.044715 z³))). */
  GELU_TANH("activation-gelu-tanh.ts"),
  RELU("activation-relu.ts"),
  /** max(z, 0)². */
  RELU_SQUARED("activation-relu-squared.ts"),
  /** Apertus' activation, with weights of its own (arXiv 2411.13010). */
  XIELU("activation-xielu.ts");

  private final String file;

  Activation(String file) {
    this.file = file;
  }

  /** Returns the name of the program's block. */
  public String file() {
    return file;
  }
}
