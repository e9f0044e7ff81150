package org.longrope.eval.family;

import java.util.ArrayList;
import java.util.EnumMap;
import java.util.List;
import java.util.Map;
import java.util.stream.IntStream;
import org.jspecify.annotations.Nullable;
import org.longrope.eval.family.AttentionSpec.HeadNorm;
import org.longrope.eval.family.AttentionSpec.Latent;
import org.longrope.eval.family.ExpertsSpec.Form;
import org.longrope.eval.family.ExpertsSpec.Router;
import org.longrope.eval.family.ExpertsSpec.Shared;

/** Weights of a layer with their names and shapes in the files. */
final class LayerWeights {
  private final ConfigFields config;
  private final Family family;
  private final TensorNames names;
  private final long hidden;
  private final long dense;
  private final AttentionSpec attention;
  private final @Nullable ExpertsSpec experts;
  private final Block block;

  private final Map<LayerWeight, List<TensorPart>> weights = new EnumMap<>(LayerWeight.class);
  private int layer;

  LayerWeights(
      ConfigFields config,
      Family family,
      TensorNames names,
      int hidden,
      int dense,
      AttentionSpec attention,
      @Nullable ExpertsSpec experts) {
    this.config = config;
    this.family = family;
    this.names = names;
    this.hidden = hidden;
    this.dense = dense;
    this.attention = attention;
    this.experts = experts;
    block = family.block(config);
  }

  /** Returns the weights of a layer. */
  Map<LayerWeight, List<TensorPart>> of(int index, boolean mixed) {
    layer = index;
    weights.clear();
    norms();
    if (attention.latent() == null) {
      projections();
    } else {
      latent(attention.latent());
    }
    headNorms();
    if (family.sinks) {
      put(LayerWeight.SINKS, TensorPart.whole(tensor(LayerWeight.SINKS), (long) attention.heads()));
    }
    if (mixed && experts != null) {
      experts(experts);
    } else {
      feedForward();
    }
    return new EnumMap<>(weights);
  }

  private String tensor(LayerWeight weight) {
    return names.ofLayer(layer, family.name(weight));
  }

  private void put(LayerWeight weight, TensorPart part) {
    weights.put(weight, List.of(part));
  }

  private void matrix(LayerWeight weight, long rows, long columns) {
    put(weight, TensorPart.whole(tensor(weight) + ".weight", rows, columns));
  }

  private void vector(LayerWeight weight, LayerWeight module, String kind, long length) {
    put(weight, TensorPart.whole(tensor(module) + kind, length));
  }

  private void norm(LayerWeight weight, LayerWeight bias) {
    if (family.norm == Norm.LAYER_UNWEIGHTED) {
      return;
    }
    vector(weight, weight, ".weight", hidden);
    if (family.normBias) {
      vector(bias, weight, ".bias", hidden);
    }
  }

  private void norms() {
    if (block != Block.POST) {
      norm(LayerWeight.ATTENTION_NORM, LayerWeight.ATTENTION_NORM_BIAS);
    }
    if (block == Block.PRE || block == Block.SANDWICH) {
      norm(LayerWeight.FEED_FORWARD_NORM, LayerWeight.FEED_FORWARD_NORM_BIAS);
    }
    if (block == Block.POST || block == Block.SANDWICH) {
      vector(
          LayerWeight.ATTENTION_OUTPUT_NORM, LayerWeight.ATTENTION_OUTPUT_NORM, ".weight", hidden);
      vector(
          LayerWeight.FEED_FORWARD_OUTPUT_NORM,
          LayerWeight.FEED_FORWARD_OUTPUT_NORM,
          ".weight",
          hidden);
    }
  }

  private void projections() {
    long query = attention.queryWidth();
    long keyValue = (long) attention.keyValueHeads() * attention.keyWidth();
    if (family.fusedProjections) {
      long rows = query + 2 * keyValue;
      String tensor = tensor(LayerWeight.WQ) + ".weight";
      put(LayerWeight.WQ, TensorPart.rows(tensor, rows, hidden, 0, query));
      put(LayerWeight.WK, TensorPart.rows(tensor, rows, hidden, query, query + keyValue));
      put(LayerWeight.WV, TensorPart.rows(tensor, rows, hidden, query + keyValue, rows));
    } else {
      matrix(LayerWeight.WQ, query, hidden);
      matrix(LayerWeight.WK, keyValue, hidden);
      matrix(LayerWeight.WV, keyValue, hidden);
      if (family.queryKeyValueBias.read(config)) {
        vector(LayerWeight.BQ, LayerWeight.WQ, ".bias", query);
        vector(LayerWeight.BK, LayerWeight.WK, ".bias", keyValue);
        vector(LayerWeight.BV, LayerWeight.WV, ".bias", keyValue);
      }
    }
    matrix(LayerWeight.WO, hidden, query);
    if (family.outputBias.read(config)) {
      vector(LayerWeight.BO, LayerWeight.WO, ".bias", hidden);
    }
  }

  private void latent(Latent latent) {
    long heads = attention.heads();
    long query = heads * attention.keyWidth();
    boolean biased = family.queryKeyValueBias.read(config);
    if (latent.queryRank() == 0) {
      matrix(LayerWeight.WQ, query, hidden);
    } else {
      matrix(LayerWeight.QUERY_DOWN, latent.queryRank(), hidden);
      vector(
          LayerWeight.QUERY_DOWN_NORM, LayerWeight.QUERY_DOWN_NORM, ".weight", latent.queryRank());
      String up = names.ofLayer(layer, "self_attn.q_b_proj.weight");
      put(LayerWeight.WQ, TensorPart.whole(up, query, (long) latent.queryRank()));
      if (biased) {
        vector(LayerWeight.QUERY_DOWN_BIAS, LayerWeight.QUERY_DOWN, ".bias", latent.queryRank());
      }
    }
    long down = latent.keyValueRank() + latent.rotatedWidth();
    matrix(LayerWeight.KEY_VALUE_DOWN, down, hidden);
    if (biased) {
      vector(LayerWeight.KEY_VALUE_DOWN_BIAS, LayerWeight.KEY_VALUE_DOWN, ".bias", down);
    }
    vector(
        LayerWeight.KEY_VALUE_DOWN_NORM,
        LayerWeight.KEY_VALUE_DOWN_NORM,
        ".weight",
        latent.keyValueRank());
    matrix(
        LayerWeight.KEY_VALUE_UP,
        heads * (latent.plainWidth() + attention.valueWidth()),
        latent.keyValueRank());
    matrix(LayerWeight.WO, hidden, heads * attention.valueWidth());
    if (family.outputBias.read(config)) {
      vector(LayerWeight.BO, LayerWeight.WO, ".bias", hidden);
    }
  }

  private void headNorms() {
    long width = attention.keyWidth();
    headNorm(LayerWeight.QUERY_NORM, LayerWeight.QUERY_NORM_BIAS, attention.heads(), width);
    headNorm(LayerWeight.KEY_NORM, LayerWeight.KEY_NORM_BIAS, attention.keyValueHeads(), width);
  }

  private void headNorm(LayerWeight weight, LayerWeight bias, int heads, long width) {
    HeadNorm kind = attention.headNorm();
    if (kind == HeadNorm.NONE) {
      return;
    }
    String tensor = tensor(weight) + ".weight";
    switch (kind) {
      case WHOLE -> put(weight, TensorPart.whole(tensor, heads * width));
      case EACH_OWN -> {
        if (tensor.contains("%d")) {
          weights.put(
              weight,
              IntStream.range(0, heads)
                  .mapToObj(head -> TensorPart.whole(tensor.formatted(head), width))
                  .toList());
        } else {
          put(weight, TensorPart.whole(tensor, (long) heads, width));
        }
      }
      default -> put(weight, TensorPart.whole(tensor, width));
    }
    if (family.headNormBias) {
      put(bias, TensorPart.whole(tensor(weight) + ".bias", width));
    }
  }

  private void feedForward() {
    if (family.fusedGate) {
      String tensor = tensor(LayerWeight.GATE) + ".weight";
      put(LayerWeight.GATE, TensorPart.rows(tensor, 2 * dense, hidden, 0, dense));
      put(LayerWeight.UP, TensorPart.rows(tensor, 2 * dense, hidden, dense, 2 * dense));
    } else {
      if (family.gated) {
        matrix(LayerWeight.GATE, dense, hidden);
      }
      matrix(LayerWeight.UP, dense, hidden);
    }
    matrix(LayerWeight.DOWN, hidden, dense);
    if (family.feedForwardBias.read(config)) {
      if (family.gated) {
        vector(LayerWeight.GATE_BIAS, LayerWeight.GATE, ".bias", dense);
      }
      vector(LayerWeight.UP_BIAS, LayerWeight.UP, ".bias", dense);
      vector(LayerWeight.DOWN_BIAS, LayerWeight.DOWN, ".bias", hidden);
    }
    if (family.activation(config) == Activation.XIELU) {
      String prefix = names.ofLayer(layer, "mlp.act_fn.");
      put(LayerWeight.XIELU_ALPHA_P, TensorPart.whole(prefix + "alpha_p", 1L));
      put(LayerWeight.XIELU_ALPHA_N, TensorPart.whole(prefix + "alpha_n", 1L));
      put(LayerWeight.XIELU_BETA, TensorPart.whole(prefix + "beta"));
      put(LayerWeight.XIELU_EPSILON, TensorPart.whole(prefix + "eps"));
    }
  }

  private void experts(ExpertsSpec spec) {
    matrix(LayerWeight.ROUTER, spec.count(), hidden);
    if (spec.form() == Form.CLAMPED) {
      vector(LayerWeight.ROUTER_BIAS, LayerWeight.ROUTER, ".bias", spec.count());
      clamped(spec);
      return;
    }
    if (spec.router() == Router.SIGMOID_GROUPS) {
      vector(LayerWeight.ROUTER_CORRECTION, LayerWeight.ROUTER_CORRECTION, "", spec.count());
    }
    String gate = tensor(LayerWeight.EXPERT_GATE) + ".weight";
    if (gate.contains("%d")) {
      each(LayerWeight.EXPERT_GATE, spec, spec.width(), hidden);
      each(LayerWeight.EXPERT_UP, spec, spec.width(), hidden);
      each(LayerWeight.EXPERT_DOWN, spec, hidden, spec.width());
    } else {
      long width = spec.width();
      List<Long> gateUp = List.of((long) spec.count(), 2 * width, hidden);
      stacked(LayerWeight.EXPERT_GATE, gate, gateUp, 0, width);
      stacked(LayerWeight.EXPERT_UP, gate, gateUp, width, 2 * width);
      String down = tensor(LayerWeight.EXPERT_DOWN) + ".weight";
      stacked(
          LayerWeight.EXPERT_DOWN, down, List.of((long) spec.count(), hidden, width), 0, hidden);
    }
    if (spec.shared() != Shared.NONE) {
      matrix(LayerWeight.SHARED_GATE, spec.sharedWidth(), hidden);
      matrix(LayerWeight.SHARED_UP, spec.sharedWidth(), hidden);
      matrix(LayerWeight.SHARED_DOWN, hidden, spec.sharedWidth());
    }
    if (spec.shared() == Shared.GATED) {
      matrix(LayerWeight.SHARED_SHARE, 1, hidden);
    }
  }

  private void clamped(ExpertsSpec spec) {
    long count = spec.count();
    long width = spec.width();
    String gateUp = tensor(LayerWeight.EXPERT_GATE_UP);
    String down = tensor(LayerWeight.EXPERT_DOWN_IN_OUT);
    stacked(LayerWeight.EXPERT_GATE_UP, gateUp, List.of(count, hidden, 2 * width), 0, hidden);
    stacked(
        LayerWeight.EXPERT_GATE_UP_BIAS, gateUp + "_bias", List.of(count, 2 * width), 0, 2 * width);
    stacked(LayerWeight.EXPERT_DOWN_IN_OUT, down, List.of(count, width, hidden), 0, width);
    stacked(LayerWeight.EXPERT_DOWN_BIAS, down + "_bias", List.of(count, hidden), 0, hidden);
  }

  private void each(LayerWeight weight, ExpertsSpec spec, long rows, long columns) {
    String tensor = tensor(weight) + ".weight";
    weights.put(
        weight,
        IntStream.range(0, spec.count())
            .mapToObj(expert -> TensorPart.whole(tensor.formatted(expert), rows, columns))
            .toList());
  }

  /** Adds for each expert some rows of its slice of a stack. */
  private void stacked(LayerWeight weight, String tensor, List<Long> shape, long from, long to) {
    long experts = shape.get(0);
    long rows = shape.get(1);
    List<TensorPart> parts = new ArrayList<>();
    for (long expert = 0; expert < experts; expert++) {
      parts.add(new TensorPart(tensor, shape, 2, expert * rows + from, expert * rows + to));
    }
    weights.put(weight, parts);
  }
}
