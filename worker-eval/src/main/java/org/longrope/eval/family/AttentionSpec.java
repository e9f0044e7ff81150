package org.longrope.eval.family;

import org.jspecify.annotations.Nullable;

/**
 * Attention of a decoder's layers.
 *
 * @param heads query heads
 * @param keyValueHeads key and value heads; divides heads
 * @param keyWidth width of a head's queries and keys
 * @param valueWidth width of a head's values
 * @param scale factor on the scores
 * @param softCap t of t · tanh(score / t); null for none
 * @param clip bound of the projections' elements; null for none
 * @param pairing which two dimensions turn together
 * @param headNorm norms of queries and keys
 * @param latent compressed queries, keys and values; null for projections
 * @param positionScale growth of the queries with their position; null for none
 */
public record AttentionSpec(
    int heads,
    int keyValueHeads,
    int keyWidth,
    int valueWidth,
    double scale,
    @Nullable Double softCap,
    @Nullable Double clip,
    Pairing pairing,
    HeadNorm headNorm,
    @Nullable Latent latent,
    @Nullable PositionScale positionScale) {

  /** Choice of the two of the d rotated dimensions that turn together. */
  public enum Pairing {
    /** i with i + d/2. */
    HALVES("rotate-halves.ts"),
    /** 2i with 2i + 1. */
    NEIGHBOURS("rotate-neighbours.ts");

    private final String file;

    Pairing(String file) {
      this.file = file;
    }

    /** Returns the name of the program's block. */
    public String file() {
      return file;
    }
  }

  /** Norms of queries and keys. */
  public enum HeadNorm {
    NONE("heads.ts"),
    /** Norm of each head, with weights that the heads share, before RoPE. */
    EACH("heads-normed.ts"),
    /** Layer norm of each head, with weights of its own, before RoPE. */
    EACH_OWN("heads-normed-own.ts"),
    /** Norm of all heads together, before RoPE. */
    WHOLE("heads-normed-whole.ts"),
    /** Norm of each head, with weights that the heads share, after RoPE. */
    ROTATED("heads.ts");

    private final String file;

    HeadNorm(String file) {
      this.file = file;
    }

    /** Returns the name of the program's block. */
    public String file() {
      return file;
    }
  }

  /**
   * Latent attention (DeepSeek-V2, arXiv 2405.04434): queries, and keys with values, are projected
   * from narrow vectors; a rotated part of the keys is shared by all heads.
   *
   * @param queryRank width of the compressed queries; 0 if they are not compressed
   * @param keyValueRank width of the compressed keys and values
   * @param plainWidth part of a head that is not rotated, first
   * @param rotatedWidth part of a head that is rotated
   */
  public record Latent(int queryRank, int keyValueRank, int plainWidth, int rotatedWidth) {}

  /**
   * Factor 1 + beta · ln(1 + floor(m / original)) on the rotated query of position m.
   *
   * @param original window, tokens
   */
  public record PositionScale(double beta, int original) {}

  /** Returns how many elements of keys and values a layer keeps of each position. */
  public long cacheWidth() {
    return (long) keyValueHeads * (keyWidth + valueWidth);
  }

  /** Returns the width of all heads' queries. */
  public int queryWidth() {
    return heads * keyWidth;
  }
}
