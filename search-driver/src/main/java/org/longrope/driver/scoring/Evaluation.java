package org.longrope.driver.scoring;

import org.longrope.eval.perplexity.DocumentScore;

/** The answer to a task. */
public sealed interface Evaluation {
  EvaluationTask task();

  /** The document was scored. */
  record Scored(EvaluationTask task, DocumentScore score) implements Evaluation {}

  /** The rescaling cannot be ranked: its evaluation failed or gave no number. */
  record Rejected(EvaluationTask task, String reason) implements Evaluation {}
}
