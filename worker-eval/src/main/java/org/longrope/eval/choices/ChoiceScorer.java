package org.longrope.eval.choices;

import java.util.Arrays;
import org.longrope.eval.BadInputException;
import org.longrope.eval.decoder.DecodingSession;
import org.longrope.eval.decoder.ResidentModel;
import org.longrope.eval.decoder.StopSignal;
import org.longrope.eval.rope.Rescaling;

/**
 * Scorer of continuations of contexts. A context is read once for all its continuations, and the
 * common beginning of all contexts (the shots of a benchmark) is read once for all of them.
 *
 * <p>The score of a question does not depend on those before it, to the last bit: no more than the
 * given beginning is kept from one context to the next, even where they have more in common. For
 * use by one thread at a time.
 */
public final class ChoiceScorer implements AutoCloseable {
  private final int vocabulary;
  private final int shared;
  private final DecodingSession session;

  /**
   * Begins without a context.
   *
   * @param capacity tokens of the longest context with its longest continuation
   * @param shared tokens that all contexts begin with, 0 or more
   * @throws BadInputException with the arithmetic if the keys and values do not fit
   */
  public ChoiceScorer(ResidentModel model, int capacity, int shared, Rescaling rescaling) {
    this.shared = shared;
    vocabulary = model.config().vocabularySize();
    session = model.session(capacity, rescaling);
  }

  /**
   * Scores one question.
   *
   * @param stop asked between parts of each layer
   * @throws BadInputException if an id is not in the vocabulary
   * @throws org.longrope.eval.decoder.StoppedException when stopped; the scorer stays usable
   */
  public ChoiceScore score(Choices choices, StopSignal stop) {
    check(choices.id(), choices.contextTokens());
    for (int[] continuation : choices.continuations()) {
      check(choices.id(), continuation);
    }
    read(choices, stop);
    int context = session.length();
    double[] logLikelihoods = new double[choices.continuations().length];
    for (int c = 0; c < logLikelihoods.length; c++) {
      session.append(choices.continuations()[c], stop);
      for (float nll : session.nll(context)) {
        logLikelihoods[c] -= nll;
      }
      session.truncate(context);
    }
    return new ChoiceScore(choices.id(), logLikelihoods);
  }

  /** Reads exactly the context into the session. */
  private void read(Choices choices, StopSignal stop) {
    int[] context = choices.contextTokens();
    int kept = Math.min(shared, context.length);
    if (choices.sharedPrefix(session.tokens()) < kept) {
      session.truncate(0);
      session.append(Arrays.copyOf(context, kept), stop);
    }
    session.truncate(kept);
    if (kept < context.length) {
      session.append(Arrays.copyOfRange(context, kept, context.length), stop);
    }
  }

  private void check(String id, int[] tokens) {
    for (int token : tokens) {
      if (!(token >= 0 && token < vocabulary)) {
        throw BadInputException.of(
            "Question %s has a token of id %d: expected 0 to %d, the model's vocabulary; use this"
                + " model's own tokenizer.",
            id, token, vocabulary - 1);
      }
    }
  }

  @Override
  public void close() {
    session.close();
  }
}
