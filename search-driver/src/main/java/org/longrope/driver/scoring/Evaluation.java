package org.longrope.driver.scoring;

import java.io.Serializable;
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
   */
  record Scored(EvaluationTask task, DocumentScore score, String computeType)
      implements Evaluation {
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
