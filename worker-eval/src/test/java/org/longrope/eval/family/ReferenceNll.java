package org.longrope.eval.family;

import org.jspecify.annotations.Nullable;
import org.longrope.eval.decoder.AttentionWindow;
import org.longrope.eval.rope.QueryScales;
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
    QueryScales scales = rescaling == null ? QueryScales.NONE : rescaling.queryScales();
    return of(reference, tokens, rescaling, window, exact(reference, scales, scales.toArray()));
  }

  /**
   * Returns the NLL (nats) of tokens[1] … tokens[n−1] with query scales in float64.
   *
   * @param queryScales by layer, head and pair, instead of the rescaling's; null for none
   */
  public static double[] of(
      FamilyReference reference,
      int[] tokens,
      @Nullable Rescaling rescaling,
      AttentionWindow window,
      double @Nullable [][][] queryScales) {
    Integer override = window.equals(AttentionWindow.CONFIG) ? null : (Integer) window.keys();
    return rescaling == null
        ? reference.nll(tokens, null, 0, 1, override, queryScales)
        : reference.nll(
            tokens,
            rescaling.factors().toArray(),
            rescaling.startTokens(),
            rescaling.attentionFactor(),
            override,
            queryScales);
  }

  /**
   * Returns scales of each layer and head of a model.
   *
   * @param shape of the scales
   * @param values in the order of the shape
   */
  public static double @Nullable [][][] exact(
      FamilyReference reference, QueryScales shape, double[] values) {
    if (shape.isNone()) {
      return null;
    }
    double[][][] scales = new double[reference.layers()][reference.heads()][shape.pairs()];
    for (int l = 0; l < scales.length; l++) {
      for (int h = 0; h < scales[l].length; h++) {
        int row = Math.min(l, shape.layers() - 1) * shape.heads() + Math.min(h, shape.heads() - 1);
        System.arraycopy(values, row * shape.pairs(), scales[l][h], 0, shape.pairs());
      }
    }
    return scales;
  }
}
