package org.longrope.eval.family;

import java.util.Arrays;
import java.util.Comparator;
import java.util.stream.IntStream;

/** Choice of experts for a token. */
final class ReferenceRouter {
  private ReferenceRouter() {}

  /** Chosen experts and what their outputs are multiplied by. */
  record Choice(int[] experts, double[] shares) {
    private Choice scaled(double factor) {
      return new Choice(experts, ReferenceMath.map(shares, share -> share * factor));
    }

    private double total() {
      return Arrays.stream(shares).sum();
    }
  }

  /**
   * Chooses the experts of a token.
   *
   * @param z logits of the router
   * @param correction of deepseek_v3, else empty
   */
  static Choice choose(ReferenceConfig c, double[] z, double[] correction) {
    int k = perToken(c);
    return switch (c.family()) {
      case "phimoe" -> sparseMixer(z, c.number("router_jitter_noise", 0.01));
      case "granitemoe", "gpt_oss" -> {
        int[] first = first(z, k);
        yield new Choice(first, ReferenceMath.softmax(picked(z, first)));
      }
      case "deepseek_v3" -> grouped(c, z, correction, k);
      default -> {
        double[] shares = ReferenceMath.softmax(z);
        int[] first = first(shares, k);
        Choice choice = new Choice(first, picked(shares, first));
        boolean normalised = c.is("mixtral") || c.flag("norm_topk_prob", false);
        yield normalised ? choice.scaled(1 / choice.total()) : choice;
      }
    };
  }

  private static int perToken(ReferenceConfig c) {
    return c.integer(
        "num_experts_per_tok",
        switch (c.family()) {
          case "mixtral", "phimoe", "granitemoe" -> 2;
          case "qwen2_moe", "gpt_oss" -> 4;
          default -> 8;
        });
  }

  private static Choice grouped(ReferenceConfig c, double[] z, double[] correction, int k) {
    double[] scores = ReferenceMath.map(z, ReferenceMath::sigmoid);
    double[] corrected = ReferenceMath.sum(scores, correction);
    int size = z.length / c.integer("n_group", 8);
    double[] groups = new double[z.length / size];
    for (int group = 0; group < groups.length; group++) {
      double[] own = Arrays.copyOfRange(corrected, group * size, (group + 1) * size);
      groups[group] = Arrays.stream(picked(own, first(own, 2))).sum();
    }
    double[] kept = new double[z.length];
    Arrays.fill(kept, Double.NEGATIVE_INFINITY);
    for (int group : first(groups, c.integer("topk_group", 4))) {
      System.arraycopy(corrected, group * size, kept, group * size, size);
    }
    int[] first = first(kept, k);
    Choice choice = new Choice(first, picked(scores, first));
    double divisor = c.flag("norm_topk_prob", true) ? choice.total() + 1e-20 : 1;
    return choice.scaled(c.number("routed_scaling_factor", 2.5) / divisor);
  }

  private static Choice sparseMixer(double[] z, double jitter) {
    int[] experts = new int[2];
    double[] shares = new double[2];
    double[] left = z.clone();
    for (int round = 0; round < 2; round++) {
      int best = first(left, 1)[0];
      double top = left[best];
      double[] candidates = left.clone();
      for (int e = 0; e < z.length; e++) {
        if ((top - z[e]) / Math.max(Math.abs(z[e]), top) > 2 * jitter) {
          candidates[e] = Double.NEGATIVE_INFINITY;
        }
      }
      experts[round] = best;
      shares[round] = ReferenceMath.softmax(candidates)[best];
      left[best] = Double.NEGATIVE_INFINITY;
    }
    return new Choice(experts, shares);
  }

  /** Returns the places of the k highest scores. */
  private static int[] first(double[] scores, int k) {
    return IntStream.range(0, scores.length)
        .boxed()
        .sorted(Comparator.comparingDouble(i -> -scores[i]))
        .mapToInt(Integer::intValue)
        .limit(k)
        .toArray();
  }

  private static double[] picked(double[] values, int[] places) {
    return Arrays.stream(places).mapToDouble(place -> values[place]).toArray();
  }
}
