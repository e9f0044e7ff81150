package org.longrope.eval.family;

import org.jspecify.annotations.Nullable;
import org.longrope.eval.decoder.AttentionWindow;
import org.longrope.eval.rope.Rescaling;

/** Adapter of {@link FamilyReference} to the rescalings and windows of the code that it checks. */
public final class ReferenceNll {
  private ReferenceNll() {}

  /**
   * Returns the NLL (nats) of tokens[1] … tokens[n−1].
   *
   * @param rescaling null is the model as published
   */
  public static double[] of(
      FamilyReference reference,
      int[] tokens,
      @Nullable Rescaling rescaling,
      AttentionWindow window) {
    Integer override = window.equals(AttentionWindow.CONFIG) ? null : (Integer) window.keys();
    return rescaling == null
        ? reference.nll(tokens, null, 0, 1, override)
        : reference.nll(
            tokens,
            rescaling.factors().toArray(),
            rescaling.startTokens(),
            rescaling.attentionFactor(),
            override);
  }
}
