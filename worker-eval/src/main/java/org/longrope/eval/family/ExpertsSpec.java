package org.longrope.eval.family;

/**
 * Mixture of experts in place of a layer's feed-forward.
 *
 * @param count experts of a layer
 * @param chosen experts of a token
 * @param width of an expert's feed-forward
 * @param sharedWidth of the expert that every token takes; 0 for none
 * @param router rule of the choice
 * @param normalised whether the chosen experts' shares are divided by their sum
 * @param groups equal groups of experts, of which {@code keptGroups} can be chosen; 1 for none
 * @param keptGroups groups that can be chosen
 * @param scaling factor on the shares
 * @param jitter threshold of the sparse mixer
 * @param shared an expert that every token takes
 * @param form of an expert
 * @param limit bound of a clamped expert's activations
 * @param alpha slope of a clamped expert's gate
 */
public record ExpertsSpec(
    int count,
    int chosen,
    int width,
    int sharedWidth,
    Router router,
    boolean normalised,
    int groups,
    int keptGroups,
    double scaling,
    double jitter,
    Shared shared,
    Form form,
    double limit,
    double alpha) {

  /** Rule by which a token's experts and their shares follow from the router's logits. */
  public enum Router {
    /** Softmax over all experts, of which the highest are taken. */
    SOFTMAX_FIRST("router-softmax-first.ts"),
    /** The highest logits, and a softmax over them. */
    TOP_FIRST("router-top-first.ts"),
    /** Phi-3.5-MoE's sparse mixer, two experts one after the other (arXiv 2409.12136). */
    SPARSE_MIXER("router-sparse-mixer.ts"),
    /** DeepSeek-V3's: sigmoids, a correction for the choice alone, groups first. */
    SIGMOID_GROUPS("router-sigmoid-groups.ts");

    private final String file;

    Router(String file) {
      this.file = file;
    }

    /** Returns the name of the program's block. */
    public String file() {
      return file;
    }
  }

  /** Expert that every token takes. */
  public enum Shared {
    NONE("shared-none.ts"),
    PLAIN("shared-plain.ts"),
    /** With a sigmoid gate of its own (Qwen2-MoE). */
    GATED("shared-gated.ts");

    private final String file;

    Shared(String file) {
      this.file = file;
    }

    /** Returns the name of the program's block. */
    public String file() {
      return file;
    }
  }

  /** Form of an expert. */
  public enum Form {
    /** down(activation(gate x) · up x). */
    GATED("expert-gated.ts"),
    /** gpt-oss': interleaved gate and up with biases, clamped; stored [in, out]. */
    CLAMPED("expert-clamped.ts");

    private final String file;

    Form(String file) {
      this.file = file;
    }

    /** Returns the name of the program's block. */
    public String file() {
      return file;
    }
  }
}
