package org.longrope.driver.scoring;

/** Evaluations cannot go on: one sentence says why, and what to mend before resuming. */
public final class ScoringException extends IllegalStateException {
  private static final long serialVersionUID = 1;

  public ScoringException(String sentence) {
    super(sentence);
  }
}
