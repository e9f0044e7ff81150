package org.longrope.eval.family;

import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.stream.LongStream;

/** Collector of the tensor names and shapes of a tiny checkpoint. */
final class TinyTensors {
  static final long VOCABULARY = 64;
  static final long HIDDEN = 32;

  private final int layers;
  private final Map<String, List<Long>> shapes = new LinkedHashMap<>();

  TinyTensors(int layers) {
    this.layers = layers;
  }

  Map<String, List<Long>> shapes() {
    return shapes;
  }

  /** Adds a tensor outside of the layers. */
  TinyTensors add(String name, long... shape) {
    shapes.put(name, LongStream.of(shape).boxed().toList());
    return this;
  }

  /** Adds a tensor of one layer. */
  TinyTensors layer(int layer, String name, long... shape) {
    return add("model.layers." + layer + "." + name, shape);
  }

  /** Adds a tensor to every layer. */
  TinyTensors each(String name, long... shape) {
    for (int layer = 0; layer < layers; layer++) {
      layer(layer, name, shape);
    }
    return this;
  }

  /** Adds embedding, last norm and head. */
  TinyTensors untied() {
    return tied().head();
  }

  TinyTensors head() {
    return add("lm_head.weight", VOCABULARY, HIDDEN);
  }

  /** Adds embedding and last norm. */
  TinyTensors tied() {
    return embedding().add("model.norm.weight", HIDDEN);
  }

  TinyTensors embedding() {
    return add("model.embed_tokens.weight", VOCABULARY, HIDDEN);
  }

  /** Adds the two norms of Llama's block. */
  TinyTensors llamaNorms() {
    return norms("input_layernorm", "post_attention_layernorm");
  }

  /** Adds norms over the hidden size to every layer. */
  TinyTensors norms(String... names) {
    for (String name : names) {
      each(name + ".weight", HIDDEN);
    }
    return this;
  }

  /** Adds biases of norms over the hidden size to every layer, and that of the last norm. */
  TinyTensors normBiases(String last, String... names) {
    for (String name : names) {
      each(name + ".bias", HIDDEN);
    }
    return add(last + ".bias", HIDDEN);
  }

  /** Adds the four projections, with the sizes of all query heads and of all key heads. */
  TinyTensors attention(long query, long key) {
    return threeProjections(query, key).each("self_attn.o_proj.weight", HIDDEN, query);
  }

  TinyTensors threeProjections(long query, long key) {
    return each("self_attn.q_proj.weight", query, HIDDEN)
        .each("self_attn.k_proj.weight", key, HIDDEN)
        .each("self_attn.v_proj.weight", key, HIDDEN);
  }

  TinyTensors threeBiases(long query, long key) {
    return each("self_attn.q_proj.bias", query)
        .each("self_attn.k_proj.bias", key)
        .each("self_attn.v_proj.bias", key);
  }

  TinyTensors fourBiases(long query, long key) {
    return threeBiases(query, key).outBias();
  }

  TinyTensors outBias() {
    return each("self_attn.o_proj.bias", HIDDEN);
  }

  /** Adds q_norm and k_norm of the same or of different sizes. */
  TinyTensors queryKeyNorms(long query, long key) {
    return each("self_attn.q_norm.weight", query).each("self_attn.k_norm.weight", key);
  }

  /** Adds latent attention of 4 heads. */
  TinyTensors latent(long rank, long plain, long turned, long value) {
    return each("self_attn.kv_a_proj_with_mqa.weight", rank + turned, HIDDEN)
        .each("self_attn.kv_a_layernorm.weight", rank)
        .each("self_attn.kv_b_proj.weight", 4 * (plain + value), rank)
        .each("self_attn.o_proj.weight", HIDDEN, 4 * value);
  }

  /** Adds the compressed queries of latent attention of 4 heads. */
  TinyTensors latentQuery(long rank, long plain, long turned) {
    return each("self_attn.q_a_proj.weight", rank, HIDDEN)
        .each("self_attn.q_a_layernorm.weight", rank)
        .each("self_attn.q_b_proj.weight", 4 * (plain + turned), rank);
  }

  /** Adds Llama's mlp to every layer. */
  TinyTensors gated(long inner) {
    for (int layer = 0; layer < layers; layer++) {
      gated(layer, "mlp", inner);
    }
    return this;
  }

  /** Adds an mlp with a gate to one layer. */
  TinyTensors gated(int layer, String module, long inner) {
    return layer(layer, module + ".gate_proj.weight", inner, HIDDEN)
        .layer(layer, module + ".up_proj.weight", inner, HIDDEN)
        .layer(layer, module + ".down_proj.weight", HIDDEN, inner);
  }

  TinyTensors gatedBiases(long inner) {
    return each("mlp.gate_proj.bias", inner).upDownBiases(inner);
  }

  /** Adds an mlp without gate to every layer. */
  TinyTensors upDown(long inner) {
    return each("mlp.up_proj.weight", inner, HIDDEN).each("mlp.down_proj.weight", HIDDEN, inner);
  }

  TinyTensors upDownBiases(long inner) {
    return each("mlp.up_proj.bias", inner).each("mlp.down_proj.bias", HIDDEN);
  }

  /** Adds the projections that hold gate and up in one tensor. */
  TinyTensors fusedGate(long inner) {
    return each("mlp.gate_up_proj.weight", 2 * inner, HIDDEN)
        .each("mlp.down_proj.weight", HIDDEN, inner);
  }

  /** Adds a router and experts as in Llama's mlp to one layer. */
  TinyTensors experts(int layer, int experts, long inner) {
    layer(layer, "mlp.gate.weight", experts, HIDDEN);
    for (int expert = 0; expert < experts; expert++) {
      gated(layer, "mlp.experts." + expert, inner);
    }
    return this;
  }

  /** Adds a router and experts in Mixtral's names to every layer. */
  TinyTensors sparseExperts(int experts, long inner) {
    each("block_sparse_moe.gate.weight", experts, HIDDEN);
    for (int expert = 0; expert < experts; expert++) {
      String module = "block_sparse_moe.experts." + expert;
      each(module + ".w1.weight", inner, HIDDEN)
          .each(module + ".w3.weight", inner, HIDDEN)
          .each(module + ".w2.weight", HIDDEN, inner);
    }
    return this;
  }
}
