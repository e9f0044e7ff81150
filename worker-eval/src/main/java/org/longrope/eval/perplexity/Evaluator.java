package org.longrope.eval.perplexity;

import java.util.Arrays;
import org.longrope.eval.BadInputException;
import org.longrope.eval.decoder.ResidentModel;
import org.longrope.eval.rope.Rescaling;

/** Measures documents with a resident model. Safe for use by several threads. */
public final class Evaluator {
  private final ResidentModel model;

  public Evaluator(ResidentModel model) {
    this.model = model;
  }

  /**
   * Scores one document.
   *
   * @param sequence token ids, BOS first where the tokenizer has one
   * @throws BadInputException if an id is not in the vocabulary or there is nothing to score
   */
  public DocumentScore score(
      String documentId, int[] sequence, Protocol protocol, Rescaling rescaling) {
    check(documentId, sequence);
    long start = System.nanoTime();
    double nll;
    int scored;
    if (protocol instanceof Protocol.Sliding sliding) {
      nll = slide(sequence, sliding, rescaling);
      scored = sequence.length - 1;
    } else {
      int[] window = Arrays.copyOf(sequence, Math.min(sequence.length, protocol.length()));
      nll = sum(model.nll(window, 1, rescaling));
      scored = window.length - 1;
    }
    return new DocumentScore(documentId, nll, scored, (System.nanoTime() - start) * 1e-9);
  }

  private double slide(int[] sequence, Protocol.Sliding protocol, Rescaling rescaling) {
    double nll = 0;
    int scoredTo = 1;
    for (int begin = 0; scoredTo < sequence.length; begin += protocol.stride()) {
      int end = Math.min(sequence.length, begin + protocol.length());
      int[] window = Arrays.copyOfRange(sequence, begin, end);
      nll += sum(model.nll(window, scoredTo - begin, rescaling));
      scoredTo = end;
    }
    return nll;
  }

  private void check(String documentId, int[] sequence) {
    if (sequence.length < 2) {
      throw BadInputException.of(
          "Document %s has %d tokens: expected 2 or more, because the first has nothing before it.",
          documentId, sequence.length);
    }
    int vocabulary = model.config().vocabularySize();
    for (int t = 0; t < sequence.length; t++) {
      if (sequence[t] < 0 || sequence[t] >= vocabulary) {
        throw BadInputException.of(
            "Token %d of document %s has id %d: expected 0 to %d, the model's vocabulary; tokenise"
                + " with this model's tokenizer.",
            t, documentId, sequence[t], vocabulary - 1);
      }
    }
  }

  private static double sum(float[] values) {
    double sum = 0;
    for (float value : values) {
      sum += value;
    }
    return sum;
  }
}
