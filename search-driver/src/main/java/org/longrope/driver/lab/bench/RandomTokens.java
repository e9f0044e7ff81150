package org.longrope.driver.lab.bench;

import java.util.Random;
import org.longrope.eval.decoder.ResidentModel;
import org.longrope.eval.rope.RescaleFactors;
import org.longrope.eval.rope.Rescaling;

/** Random document: time and memory do not depend on its content. */
final class RandomTokens {
  private RandomTokens() {}

  /** Returns the seconds of one evaluation of a number of tokens. */
  static double evaluate(ResidentModel model, int length) {
    int[] tokens = new Random(length).ints(length, 0, model.config().vocabularySize()).toArray();
    Rescaling rescaling =
        new Rescaling(RescaleFactors.uniform(model.config().rope().pairs(), 2), 0, 1);
    long start = System.nanoTime();
    model.nll(tokens, 1, rescaling);
    return (System.nanoTime() - start) * 1e-9;
  }
}
