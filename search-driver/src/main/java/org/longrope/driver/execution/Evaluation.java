package org.longrope.driver.execution;

import java.io.Serializable;
import org.jspecify.annotations.Nullable;
import org.longrope.eval.perplexity.DocumentScore;

/** The answer to a task. */
public sealed interface Evaluation extends Serializable {
  EvaluationTask task();

  /** Whether an evaluator did it for this run: what another run had evaluated took no time. */
  boolean isLive();

  /**
   * The document was scored.
   *
   * @param computeType of weights and activations: f32, f16 or bf16
   * @param hardware that the last bits depend on, as {@link
   *     org.longrope.eval.decoder.ResidentModel#hardware} names it; null if that is not known
   */
  record Scored(
      EvaluationTask task, DocumentScore score, String computeType, @Nullable String hardware)
      implements Evaluation {
    /** A score of which it is not known where it was computed. */
    public Scored(EvaluationTask task, DocumentScore score, String computeType) {
      this(task, score, computeType, null);
    }

    @Override
    public boolean isLive() {
      return score.seconds() > 0;
    }
  }

  /** The rescaling cannot be ranked: its evaluation failed or gave no number. */
  record Rejected(EvaluationTask task, String reason) implements Evaluation {
    @Override
    public boolean isLive() {
      return true;
    }
  }
}
