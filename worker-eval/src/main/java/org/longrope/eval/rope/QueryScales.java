package org.longrope.eval.rope;

import java.io.Serializable;
import java.util.Arrays;

/**
 * Query scales exp(ψ): positive numbers that multiply the rotated parts of queries, both dimensions
 * of a pair alike. They commute with the rotation, so that they can be folded into a model's
 * weights. Immutable; ψ is stored in whole millionths, so that equality and files are exact.
 *
 * <p>The shape is layers × heads × pairs. A model's own counts give each layer and query head
 * scales of its own; 1 layer or 1 head stands for all.
 */
public final class QueryScales implements Serializable {
  /** No scales, for queries as they are. */
  public static final QueryScales NONE = new QueryScales(0, 0, 0, new int[0]);

  private static final long serialVersionUID = 1L;
  private static final double MILLION = 1e6;

  /** Greatest |ψ| in millionths: scales of 1/1000 to 1000. */
  private static final int GREATEST = 6_907_755;

  private final int layers;
  private final int heads;
  private final int pairs;

  /** ψ in millionths, pair by pair, head by head, layer by layer. */
  private final int[] logs;

  private QueryScales(int layers, int heads, int pairs, int[] logs) {
    this.layers = layers;
    this.heads = heads;
    this.pairs = pairs;
    this.logs = logs;
    if ((long) layers * heads * pairs != logs.length || layers < 0 || heads < 0 || pairs < 0) {
      throw new IllegalArgumentException(
          "Cannot scale queries of %d layers, %d heads and %d pairs by %d numbers"
              .formatted(layers, heads, pairs, logs.length));
    }
    for (int log : logs) {
      if (Math.abs((long) log) > GREATEST) {
        throw new IllegalArgumentException(
            "Cannot scale queries by exp(%s): expected 0.001 to 1000".formatted(log / MILLION));
      }
    }
  }

  /** Returns scales of 1. */
  public static QueryScales ones(int layers, int heads, int pairs) {
    return new QueryScales(layers, heads, pairs, new int[layers * heads * pairs]);
  }

  /**
   * Returns scales of a shape.
   *
   * @param millionths 10⁶ · ψ, pair by pair, head by head, layer by layer
   * @throws IllegalArgumentException if their number is not the shape's or a scale is not within
   *     0.001 … 1000
   */
  public static QueryScales ofLogs(int layers, int heads, int pairs, int[] millionths) {
    return millionths.length == 0
        ? NONE
        : new QueryScales(layers, heads, pairs, millionths.clone());
  }

  /** Returns scales of the same shape whose ψ are the nearest to those given, within the bounds. */
  public QueryScales withLogs(double[] psi) {
    int[] nearest =
        Arrays.stream(psi)
            .mapToInt(
                log -> (int) Math.max(-GREATEST, Math.min(GREATEST, Math.round(MILLION * log))))
            .toArray();
    return new QueryScales(layers, heads, pairs, nearest);
  }

  /**
   * Returns scales of a shape.
   *
   * @param scales exp(ψ), pair by pair, head by head, layer by layer; ψ is rounded to millionths
   * @throws IllegalArgumentException if their number is not the shape's or a scale is not within
   *     0.001 … 1000
   */
  public static QueryScales of(int layers, int heads, int pairs, double[] scales) {
    int[] millionths = new int[scales.length];
    for (int i = 0; i < scales.length; i++) {
      if (!(scales[i] >= 1e-3 && scales[i] <= 1e3)) {
        throw new IllegalArgumentException(
            "Cannot scale queries by " + scales[i] + ": expected 0.001 to 1000");
      }
      millionths[i] = (int) Math.round(MILLION * StrictMath.log(scales[i]));
    }
    return ofLogs(layers, heads, pairs, millionths);
  }

  /** Tells whether queries stay as they are, and no gradient by their scales is asked for. */
  public boolean isNone() {
    return logs.length == 0;
  }

  /** Returns the number of layers with scales of their own; 1 stands for all. */
  public int layers() {
    return layers;
  }

  /** Returns the number of query heads with scales of their own; 1 stands for all. */
  public int heads() {
    return heads;
  }

  /** Returns the number of rotated pairs, d/2. */
  public int pairs() {
    return pairs;
  }

  /** Returns how many numbers there are. */
  public int size() {
    return logs.length;
  }

  /** Returns exp(ψ) of a pair of a layer's head; 1 where there are no scales. */
  public double scale(int layer, int head, int pair) {
    if (isNone()) {
      return 1;
    }
    int l = layers == 1 ? 0 : layer;
    int h = heads == 1 ? 0 : head;
    return StrictMath.exp(logs[(l * heads + h) * pairs + pair] / MILLION);
  }

  /** Returns exp(ψ), pair by pair, head by head, layer by layer. */
  public double[] toArray() {
    return Arrays.stream(logs).mapToDouble(log -> StrictMath.exp(log / MILLION)).toArray();
  }

  /** Returns ψ, pair by pair, head by head, layer by layer. */
  public double[] logs() {
    return Arrays.stream(logs).mapToDouble(log -> log / MILLION).toArray();
  }

  /** Returns 10⁶ · ψ, pair by pair, head by head, layer by layer. */
  public int[] millionths() {
    return logs.clone();
  }

  /**
   * Tells whether a model's queries can be scaled.
   *
   * @param modelLayers its layers
   * @param modelHeads its query heads
   * @param modelPairs its rotated pairs
   */
  public boolean fits(int modelLayers, int modelHeads, int modelPairs) {
    return isNone()
        || (layers == 1 || layers == modelLayers)
            && (heads == 1 || heads == modelHeads)
            && pairs == modelPairs;
  }

  /** Tells whether the shape is another's. */
  public boolean hasShapeOf(QueryScales other) {
    return layers == other.layers && heads == other.heads && pairs == other.pairs;
  }

  @Override
  public boolean equals(Object other) {
    return other instanceof QueryScales that && hasShapeOf(that) && Arrays.equals(logs, that.logs);
  }

  @Override
  public int hashCode() {
    return Arrays.hashCode(logs);
  }

  @Override
  public String toString() {
    return isNone()
        ? "no query scales"
        : "query scales of %d layers, %d heads and %d pairs: %s"
            .formatted(layers, heads, pairs, Arrays.toString(logs));
  }

  private Object writeReplace() {
    return new Serialised(layers, heads, pairs, logs);
  }

  /** Serialised form. Reading it goes through the constructor and its checks. */
  @SuppressWarnings("ArrayRecordComponent") // carried, never compared
  private record Serialised(int layers, int heads, int pairs, int[] logs) implements Serializable {
    private Object readResolve() {
      return logs.length == 0 ? NONE : new QueryScales(layers, heads, pairs, logs);
    }
  }
}
