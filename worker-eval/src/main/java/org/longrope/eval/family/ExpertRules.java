package org.longrope.eval.family;

import com.fasterxml.jackson.databind.JsonNode;
import java.util.HashSet;
import java.util.Set;
import java.util.function.IntPredicate;
import org.longrope.eval.family.ExpertsSpec.Form;
import org.longrope.eval.family.ExpertsSpec.Router;
import org.longrope.eval.family.ExpertsSpec.Shared;

/** Rules by which families give the sizes of their experts and the layers that have them. */
final class ExpertRules {
  private static final int MOST = 1 << 16;
  private static final String CHOSEN = "num_experts_per_tok";
  private static final String LOCAL = "num_local_experts";
  private static final String EXPERTS = "num_experts";
  private static final String WIDTH = "intermediate_size";
  private static final String EXPERT_WIDTH = "moe_intermediate_size";

  private ExpertRules() {}

  static ExpertsSpec mixtral(ConfigFields config) {
    return plain(
        config, count(config), config.count(CHOSEN, MOST, 2), WIDTH, Router.SOFTMAX_FIRST, true);
  }

  static ExpertsSpec granite(ConfigFields config) {
    return plain(
        config, count(config), config.count(CHOSEN, MOST, 2), WIDTH, Router.TOP_FIRST, true);
  }

  static ExpertsSpec olmo(ConfigFields config) {
    boolean normalised = config.flag("norm_topk_prob", false);
    return plain(
        config,
        count(config),
        config.count(CHOSEN, MOST, 8),
        WIDTH,
        Router.SOFTMAX_FIRST,
        normalised);
  }

  static ExpertsSpec qwen3(ConfigFields config) {
    boolean normalised = config.flag("norm_topk_prob", false);
    return plain(
        config,
        count(config),
        config.count(CHOSEN, MOST, 8),
        EXPERT_WIDTH,
        Router.SOFTMAX_FIRST,
        normalised);
  }

  static ExpertsSpec qwen2(ConfigFields config) {
    boolean normalised = config.flag("norm_topk_prob", false);
    return new ExpertsSpec(
        count(config),
        config.count(CHOSEN, MOST, 4),
        config.count(EXPERT_WIDTH, DecoderSpecReader.MOST_WIDTH),
        config.count("shared_expert_intermediate_size", DecoderSpecReader.MOST_WIDTH),
        Router.SOFTMAX_FIRST,
        normalised,
        1,
        1,
        1,
        0,
        Shared.GATED,
        Form.GATED,
        0,
        0);
  }

  static ExpertsSpec phi(ConfigFields config) {
    int chosen = config.count(CHOSEN, MOST, 2);
    if (chosen != 2) {
      throw config.bad(CHOSEN, "2, which the sparse mixer of transformers always takes");
    }
    return new ExpertsSpec(
        count(config),
        chosen,
        config.count(WIDTH, DecoderSpecReader.MOST_WIDTH),
        0,
        Router.SPARSE_MIXER,
        false,
        1,
        1,
        1,
        config.positive("router_jitter_noise", 0.01),
        Shared.NONE,
        Form.GATED,
        0,
        0);
  }

  static ExpertsSpec gptOss(ConfigFields config) {
    return new ExpertsSpec(
        count(config),
        config.count(CHOSEN, MOST, 4),
        config.count(WIDTH, DecoderSpecReader.MOST_WIDTH),
        0,
        Router.TOP_FIRST,
        true,
        1,
        1,
        1,
        0,
        Shared.NONE,
        Form.CLAMPED,
        config.positive("swiglu_limit", 7.0),
        config.positive("swiglu_alpha", 1.702));
  }

  static ExpertsSpec deepseek(ConfigFields config) {
    config.ignore("topk_method");
    config.ignore("moe_layer_freq");
    config.ignore("ep_size");
    if (!config.text("scoring_func", "sigmoid").equals("sigmoid")) {
      throw config.bad("scoring_func", "sigmoid");
    }
    int experts = config.count("n_routed_experts", MOST);
    int groups = config.count("n_group", MOST, 8);
    int kept = config.count("topk_group", MOST, 4);
    if (experts % groups != 0 || kept > groups || experts / groups < 2) {
      throw config.bad("n_group", "equal groups of 2 or more of " + experts + " experts");
    }
    int width = config.count(EXPERT_WIDTH, DecoderSpecReader.MOST_WIDTH);
    return new ExpertsSpec(
        experts,
        config.count(CHOSEN, MOST, 8),
        width,
        width * config.count("n_shared_experts", MOST, 1),
        Router.SIGMOID_GROUPS,
        config.flag("norm_topk_prob", true),
        groups,
        kept,
        config.positive("routed_scaling_factor", 2.5),
        0,
        Shared.PLAIN,
        Form.GATED,
        0,
        0);
  }

  private static ExpertsSpec plain(
      ConfigFields config, int count, int chosen, String width, Router router, boolean normalised) {
    return new ExpertsSpec(
        count,
        chosen,
        config.count(width, DecoderSpecReader.MOST_WIDTH),
        0,
        router,
        normalised,
        1,
        1,
        1,
        0,
        Shared.NONE,
        Form.GATED,
        0,
        0);
  }

  private static int count(ConfigFields config) {
    return config.count(config.contains(LOCAL) ? LOCAL : EXPERTS, MOST);
  }

  /** Layers of Qwen's mixtures. */
  static IntPredicate qwenLayers(ConfigFields config) {
    int step = config.count("decoder_sparse_step", MOST, 1);
    Set<Integer> dense = new HashSet<>();
    JsonNode list = config.get("mlp_only_layers");
    if (config.has("mlp_only_layers") && !ConfigFields.isListOfWhole(list)) {
      throw config.bad("mlp_only_layers", "a list of layers");
    }
    list.forEach(layer -> dense.add(layer.asInt()));
    return layer -> !dense.contains(layer) && (layer + 1) % step == 0;
  }

  /** Layers of DeepSeek's mixtures. */
  static IntPredicate deepseekLayers(ConfigFields config) {
    int first =
        config.contains("first_k_dense_replace")
            ? config.whole("first_k_dense_replace", 0, MOST)
            : 3;
    return layer -> layer >= first;
  }

  /** Factor on the scores of latent attention, with the square of YaRN's magnitude. */
  static double deepseekScale(ConfigFields config, int keyWidth) {
    double scale = 1 / Math.sqrt(keyWidth);
    for (String field : new String[] {RopeReader.SCALING, RopeReader.PARAMETERS}) {
      ConfigFields table = config.object(field);
      if (!(table.node().isObject() && !table.node().isEmpty())) {
        continue;
      }
      String type = table.text("rope_type", table.text("type", "default"));
      boolean scales = table.has("mscale_all_dim") && table.get("mscale_all_dim").asDouble() != 0;
      if (!type.equals("default") && scales) {
        double factor = table.positive("factor");
        double magnitude = RopeReader.magnitude(table.positive("mscale_all_dim"), factor);
        return scale * magnitude * magnitude;
      }
      return scale;
    }
    return scale;
  }
}
