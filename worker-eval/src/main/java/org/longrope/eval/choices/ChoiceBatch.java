package org.longrope.eval.choices;

import java.io.Serializable;
import org.longrope.eval.BadInputException;
import org.longrope.eval.decoder.ResidentModel;
import org.longrope.eval.decoder.StopSignal;
import org.longrope.eval.rope.Rescaling;

/**
 * Questions with a common beginning under one rescaling. The beginning is read once for all of
 * them. A question's score does not depend on the batch, only on the beginning and the capacity.
 *
 * @param shared tokens that every context begins with, 0 or more
 * @param capacity tokens of the longest context with its longest continuation, or more
 * @param questions one or more; not copied
 */
@SuppressWarnings("ArrayRecordComponent") // compared by nobody
public record ChoiceBatch(Rescaling rescaling, int shared, int capacity, Choices[] questions)
    implements Serializable {

  /** Returns the number of tokens to read, with the shared ones counted once. */
  public long tokens() {
    long tokens = shared;
    for (Choices choices : questions) {
      tokens += choices.tokensAfter(shared);
    }
    return tokens;
  }

  /**
   * Scores all questions.
   *
   * @param stop asked between parts of each layer
   * @return one for each question, in their order
   * @throws BadInputException if an id is not in the vocabulary, or keys and values do not fit
   * @throws org.longrope.eval.decoder.StoppedException when stopped
   */
  public ChoiceScore[] scores(ResidentModel model, StopSignal stop) {
    ChoiceScore[] scores = new ChoiceScore[questions.length];
    try (ChoiceScorer scorer = new ChoiceScorer(model, capacity, shared, rescaling)) {
      for (int q = 0; q < scores.length; q++) {
        scores[q] = scorer.score(questions[q], stop);
      }
    }
    return scores;
  }
}
