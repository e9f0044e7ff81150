package org.longrope.driver.inspect;

import com.fasterxml.jackson.databind.node.ArrayNode;
import com.fasterxml.jackson.databind.node.JsonNodeFactory;
import com.fasterxml.jackson.databind.node.ObjectNode;
import org.longrope.eval.checkpoint.DType;
import org.longrope.eval.decoder.EvaluationCost;
import org.longrope.eval.family.AttentionSpec;
import org.longrope.eval.family.DecoderSpec;
import org.longrope.eval.family.ExpertsSpec;
import org.longrope.eval.family.LayerWeight;

/** JSON of a model's properties. */
final class SpecJson {
  private final DecoderSpec spec;
  private final ObjectNode json = JsonNodeFactory.instance.objectNode();

  SpecJson(DecoderSpec spec) {
    this.spec = spec;
  }

  ObjectNode json() {
    ModelSizes sizes = ModelSizes.of(spec);
    json.put("model_type", spec.modelType());
    json.put("parameters", sizes.parameters());
    json.put("active_parameters", sizes.active());
    json.put("hidden_size", spec.hiddenSize());
    json.put("intermediate_size", spec.intermediateSize());
    json.put("vocabulary_size", spec.vocabularySize());
    json.put("tied_embeddings", spec.tiedEmbeddings());
    json.put("norm", Words.key(spec.norm()));
    json.put("norm_epsilon", spec.epsilon());
    json.put("block", Words.key(spec.block()));
    json.put("activation", Words.key(spec.activation()));
    json.put("gated", spec.gated());
    json.set("attention", attention(spec.attention()));
    json.set("experts", spec.experts() == null ? null : experts(spec.experts()));
    DecoderSpec.Scales scales = spec.scales();
    ObjectNode factors = json.putObject("scales");
    factors.put("embedding", scales.embedding()).put("residual", scales.residual());
    factors.put("output", scales.output()).put("logits", scales.logits());
    json.put("logit_cap", scales.logitCap());
    json.put("layers", spec.layerCount());
    ArrayNode kinds = json.putArray("layer_kinds");
    LayerKind.of(spec)
        .forEach(
            (kind, layers) -> {
              ObjectNode entry = kinds.addObject().put("attention", kind.type());
              entry.put("window", kind.window() == 0 ? null : (Integer) kind.window());
              entry.put("rope", Words.key(kind.rope()));
              entry.put("experts", kind.experts());
              layers.forEach(entry.putArray("layers")::add);
            });
    json.set("rope", RopeText.json(spec.rope()));
    json.set("local_rope", spec.localRope() == null ? null : RopeText.json(spec.localRope()));
    json.put("original_window", spec.rope().originalWindow());
    json.put("original_window_source", spec.originalWindowSource());
    json.put("attention_factor_matters", spec.attentionFactorMatters());
    memory(sizes);
    return json;
  }

  private ObjectNode attention(AttentionSpec attention) {
    ObjectNode node = JsonNodeFactory.instance.objectNode();
    node.put("heads", attention.heads());
    node.put("key_value_heads", attention.keyValueHeads());
    node.put("key_width", attention.keyWidth());
    node.put("value_width", attention.valueWidth());
    node.put("scale", attention.scale());
    node.put("soft_cap", attention.softCap());
    node.put("clip", attention.clip());
    node.put("pairing", Words.key(attention.pairing()));
    node.put("head_norm", Words.key(attention.headNorm()));
    node.put("sinks", !spec.layers().get(0).parts(LayerWeight.SINKS).isEmpty());
    if (attention.latent() != null) {
      AttentionSpec.Latent latent = attention.latent();
      ObjectNode ranks = node.putObject("latent");
      ranks.put("query_rank", latent.queryRank() == 0 ? null : (Integer) latent.queryRank());
      ranks.put("key_value_rank", latent.keyValueRank());
      ranks.put("plain_width", latent.plainWidth());
      ranks.put("rotated_width", latent.rotatedWidth());
    }
    if (attention.positionScale() != null) {
      ObjectNode scale = node.putObject("position_scale");
      scale.put("beta", attention.positionScale().beta());
      scale.put("original", attention.positionScale().original());
    }
    return node;
  }

  private static ObjectNode experts(ExpertsSpec experts) {
    ObjectNode node = JsonNodeFactory.instance.objectNode();
    node.put("count", experts.count());
    node.put("chosen", experts.chosen());
    node.put("width", experts.width());
    node.put("shared", Words.key(experts.shared()));
    node.put("shared_width", experts.sharedWidth());
    node.put("router", Words.key(experts.router()));
    node.put("normalised", experts.normalised());
    node.put("groups", experts.groups());
    node.put("kept_groups", experts.keptGroups());
    node.put("scaling", experts.scaling());
    node.put("form", Words.key(experts.form()));
    return node;
  }

  private void memory(ModelSizes sizes) {
    ObjectNode weights = json.putObject("weight_bytes");
    weights.put("bf16", sizes.weightBytes(DType.BF16)).put("f32", sizes.weightBytes(DType.F32));
    ObjectNode cache = json.putObject("key_value_bytes");
    cache.put("tokens", ModelSizes.CACHED_TOKENS);
    cache.put("bf16", sizes.cacheBytes(DType.BF16)).put("f32", sizes.cacheBytes(DType.F32));
    EvaluationCost gpu = sizes.gpuPass();
    ObjectNode pass = json.putObject("pass");
    pass.put("tokens", gpu.length()).put("flop", gpu.flop());
    pass.put("bf16_gpu_bytes", gpu.passBytes());
    pass.put("f32_cpu_bytes", sizes.cpuPass().passBytes());
  }
}
