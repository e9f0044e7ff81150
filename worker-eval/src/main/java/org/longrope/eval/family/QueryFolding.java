package org.longrope.eval.family;

import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Set;
import org.jspecify.annotations.Nullable;
import org.longrope.eval.BadInputException;
import org.longrope.eval.family.AttentionSpec.HeadNorm;
import org.longrope.eval.family.AttentionSpec.Latent;
import org.longrope.eval.family.AttentionSpec.Pairing;
import org.longrope.eval.rope.QueryScales;

/**
 * Folding of query scales into a model's weights: the rows that are multiplied, so that the model
 * without scales computes what the original computes with them.
 *
 * <p>A scale multiplies both dimensions of a rotated pair and commutes with the rotation, so that
 * it may be applied before it, to the last weights that a query passes there: the rows of the query
 * projection and its bias, or the weights of a norm between projection and rotation. A norm after
 * the rotation follows the scales in either place.
 */
public final class QueryFolding {
  private static final Set<Norm> PLUS_ONE = Set.of(Norm.RMS_PLUS_ONE, Norm.LAYER_PLUS_ONE);

  private final DecoderSpec spec;
  private final @Nullable String refusal;

  private QueryFolding(DecoderSpec spec) {
    this.spec = spec;
    refusal = refusal(spec);
  }

  /** Returns the folding of a model. */
  public static QueryFolding of(DecoderSpec spec) {
    return new QueryFolding(spec);
  }

  /**
   * Rows of a stored tensor with the factors on them.
   *
   * @param weight whose rows they are
   * @param part the rows, counted over its leading dimensions
   * @param multipliers one for each row
   * @param plusOne whether the tensor stores w − 1 of the weights w that are multiplied
   */
  @SuppressWarnings("ArrayRecordComponent") // never compared
  public record Rows(LayerWeight weight, TensorPart part, double[] multipliers, boolean plusOne) {
    /** Tells whether an element of a row stays as it is. */
    public boolean keeps(int row) {
      return multipliers[row] == 1;
    }

    /** Returns what is stored in place of an element of a row. */
    public double scaled(double stored, int row) {
      return plusOne ? (1 + stored) * multipliers[row] - 1 : stored * multipliers[row];
    }
  }

  /** Returns why nothing can be folded, as a clause; null if scales can be. */
  public @Nullable String refusal() {
    return refusal;
  }

  /** Tells whether each query head may have scales of its own; else all heads share them. */
  public boolean isPerHead() {
    return spec.attention().headNorm() != HeadNorm.EACH;
  }

  /** Tells whether the scales go into the query projection, and not into a norm after it. */
  public boolean isInProjection() {
    return Set.of(HeadNorm.NONE, HeadNorm.ROTATED).contains(spec.attention().headNorm());
  }

  /**
   * Returns scales of 1 in the finest shape that can be folded: layers × heads × pairs, or layers ×
   * 1 × pairs where a norm is shared by all heads.
   *
   * @throws BadInputException if the model's weights can contain none
   */
  public QueryScales finest() {
    requireAny();
    return QueryScales.ones(
        spec.layerCount(), isPerHead() ? spec.attention().heads() : 1, spec.rope().pairs());
  }

  /**
   * Checks that the model's weights can contain scales.
   *
   * @throws BadInputException if they cannot, or not for single heads
   */
  public void require(QueryScales scales) {
    requireAny();
    if (!isPerHead() && scales.heads() > 1) {
      throw BadInputException.of(
          "Cannot fold query scales of %d heads into the weights of a %s: its heads share one norm"
              + " of queries; expected scales of 1 head, as --query-scales head finds them for this"
              + " model.",
          scales.heads(), spec.modelType());
    }
  }

  private void requireAny() {
    if (refusal != null) {
      throw BadInputException.of(
          "Cannot fold query scales into the weights of a %s: %s; use factors without query"
              + " scales.",
          spec.modelType(), refusal);
    }
  }

  private static @Nullable String refusal(DecoderSpec spec) {
    HeadNorm norm = spec.attention().headNorm();
    boolean projected = norm == HeadNorm.NONE || norm == HeadNorm.ROTATED;
    boolean clippedAfter = projected || norm == HeadNorm.WHOLE;
    if (spec.attention().clip() != null && clippedAfter) {
      return "its queries are clipped (clip_qkv) after the weights that would contain the scales";
    }
    LayerWeight last = projected ? LayerWeight.WQ : LayerWeight.QUERY_NORM;
    return spec.layers().stream().allMatch(layer -> layer.parts(last).size() > 0)
        ? null
        : "its norm of queries has no weights";
  }

  /**
   * Returns the rows that change, layer by layer. Layers that do not use the rescaled table have
   * none.
   *
   * @throws BadInputException if the model's weights cannot contain the scales
   * @throws IllegalArgumentException if the scales are not of the model's shape
   */
  public List<Rows> rows(QueryScales scales) {
    List<Rows> rows = new ArrayList<>();
    if (scales.isNone()) {
      return rows;
    }
    requireShape(scales);
    require(scales);
    for (int i = 0; i < spec.layerCount(); i++) {
      LayerSpec layer = spec.layers().get(i);
      if (layer.rope() == LayerSpec.RopeUse.MAIN) {
        layer(layer, multipliers(scales, i), rows);
      }
    }
    return rows;
  }

  private void requireShape(QueryScales scales) {
    int heads = spec.attention().heads();
    if (!scales.fits(spec.layerCount(), heads, spec.rope().pairs())) {
      throw new IllegalArgumentException(
          "Cannot fold scales of %d layers, %d heads and %d pairs into a model of %d, %d and %d"
              .formatted(
                  scales.layers(),
                  scales.heads(),
                  scales.pairs(),
                  spec.layerCount(),
                  heads,
                  spec.rope().pairs()));
    }
  }

  private void layer(LayerSpec layer, double[] all, List<Rows> rows) {
    int width = spec.attention().keyWidth();
    if (isInProjection()) {
      add(layer, LayerWeight.WQ, all, false, rows);
      add(layer, LayerWeight.BQ, all, false, rows);
      return;
    }
    // Of norms that the heads share, the first head's multipliers are all heads'.
    double[] shared = isPerHead() ? all : Arrays.copyOf(all, width);
    boolean plusOne =
        spec.attention().headNorm() != HeadNorm.EACH_OWN && PLUS_ONE.contains(spec.norm());
    add(layer, LayerWeight.QUERY_NORM, shared, plusOne, rows);
    add(layer, LayerWeight.QUERY_NORM_BIAS, shared, false, rows);
  }

  /** Divides the multipliers among the parts of a weight, in their order. */
  private static void add(
      LayerSpec layer, LayerWeight weight, double[] all, boolean plusOne, List<Rows> rows) {
    int from = 0;
    for (TensorPart part : layer.parts(weight)) {
      boolean headsByElements = weight == LayerWeight.QUERY_NORM && part.shape().size() == 2;
      TensorPart flat = headsByElements ? elements(part) : part;
      int count = Math.toIntExact(flat.to() - flat.from());
      rows.add(new Rows(weight, flat, Arrays.copyOfRange(all, from, from + count), plusOne));
      from += count;
    }
  }

  private static TensorPart elements(TensorPart part) {
    return new TensorPart(part.tensor(), part.shape(), 2, 0, part.elements());
  }

  /** Returns the factors on the elements of all heads' queries, [H·h]; 1 where none is rotated. */
  private double[] multipliers(QueryScales scales, int layer) {
    AttentionSpec attention = spec.attention();
    Latent latent = attention.latent();
    int plain = latent == null ? 0 : latent.plainWidth();
    int pairs = scales.pairs();
    boolean halves = attention.pairing() == Pairing.HALVES;
    double[] multipliers = new double[attention.queryWidth()];
    Arrays.fill(multipliers, 1);
    for (int head = 0; head < attention.heads(); head++) {
      int begin = head * attention.keyWidth() + plain;
      for (int pair = 0; pair < pairs; pair++) {
        double scale = scales.scale(layer, head, pair);
        multipliers[begin + (halves ? pair : 2 * pair)] = scale;
        multipliers[begin + (halves ? pair + pairs : 2 * pair + 1)] = scale;
      }
    }
    return multipliers;
  }
}
