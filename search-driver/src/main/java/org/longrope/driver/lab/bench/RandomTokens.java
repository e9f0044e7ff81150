package org.longrope.driver.lab.bench;

import java.util.Random;
import org.longrope.eval.decoder.ResidentModel;
import org.longrope.eval.decoder.StopSignal;
import org.longrope.eval.rope.Rescaling;

/** Random document: time and memory do not depend on its content. */
final class RandomTokens {
  private RandomTokens() {}

  /** Returns a document's tokens, which follow from its length. */
  static int[] of(ResidentModel model, int length) {
    return new Random(length).ints(length, 0, model.config().vocabularySize()).toArray();
  }

  /** Evaluates a number of tokens as the model was published. */
  static TimedEvaluation evaluate(ResidentModel model, int length) {
    int[] tokens = of(model, length);
    long start = System.nanoTime();
    return timed(start, model.nll(tokens, 1, model.config().rope().published(length)));
  }

  /** Computes the gradient of such an evaluation. */
  static TimedEvaluation gradient(ResidentModel model, int length) {
    int[] tokens = of(model, length);
    Rescaling published = model.config().rope().published(length);
    long start = System.nanoTime();
    return timed(start, model.gradient(tokens, 1, published, StopSignal.NEVER).nll());
  }

  private static TimedEvaluation timed(long start, float[] nll) {
    double seconds = (System.nanoTime() - start) * 1e-9;
    double sum = 0;
    for (float token : nll) {
      sum += token;
    }
    return new TimedEvaluation(seconds, sum);
  }
}
