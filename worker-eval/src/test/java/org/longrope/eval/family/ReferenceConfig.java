package org.longrope.eval.family;

import com.fasterxml.jackson.databind.node.ObjectNode;
import java.util.Arrays;
import org.jspecify.annotations.Nullable;

/** Fields of config.json with what the model type makes of absent ones. */
final class ReferenceConfig extends ReferenceFields {
  private final String family;

  ReferenceConfig(ObjectNode json) {
    super(json);
    String type = text("model_type", "");
    family = type.equals("mistral") && has("layer_types") ? "ministral" : type;
  }

  /** Returns the model type whose formulas hold. */
  String family() {
    return family;
  }

  /** Returns whether the family is one of these. */
  boolean is(String... families) {
    return Arrays.asList(families).contains(family);
  }

  boolean latent() {
    return is("deepseek_v3", "minicpm3");
  }

  boolean hasTwoTables() {
    return is("gemma3_text", "olmo3");
  }

  int layers() {
    return integer("num_hidden_layers");
  }

  int hidden() {
    return integer("hidden_size");
  }

  int heads() {
    return integer("num_attention_heads");
  }

  int keyValueHeads() {
    if (has("num_key_value_heads")) {
      return integer("num_key_value_heads", heads());
    }
    return switch (family) {
      case "gemma2", "gemma3_text", "smollm3", "qwen3_moe" -> 4;
      case "glm", "glm4", "starcoder2", "ernie4_5" -> 2;
      case "mistral", "ministral", "ministral3", "mixtral", "phimoe", "gpt_oss", "seed_oss" -> 8;
      case "gemma", "qwen2_moe" -> 16;
      case "helium" -> 20;
      case "qwen2", "qwen3", "exaone4", "stablelm" -> 32;
      case "minicpm3" -> 40;
      case "deepseek_v3" -> 128;
      default -> heads();
    };
  }

  int headDimension() {
    if (given("head_dim") && !is("stablelm")) {
      return integer("head_dim");
    }
    return switch (family) {
      case "gemma", "gemma2", "gemma3_text" -> 256;
      case "qwen3", "glm", "glm4", "seed_oss", "helium", "ernie4_5", "ministral3" -> 128;
      case "gpt_oss" -> 64;
      default -> hidden() / heads();
    };
  }

  /** Returns the dimension of the part of a head that RoPE may turn. */
  int ropeDimension() {
    return latent() ? integer("qk_rope_head_dim") : headDimension();
  }

  int maxPositions() {
    return integer(
        "max_position_embeddings",
        switch (family) {
          case "phi3",
              "olmoe",
              "arcee",
              "starcoder2",
              "stablelm",
              "helium",
              "nemotron",
              "deepseek_v3" ->
              4096;
          case "gemma", "gemma2", "cohere", "cohere2" -> 8192;
          case "qwen2", "qwen2_moe", "qwen3", "qwen3_moe", "smollm3", "minicpm3" -> 32768;
          case "apertus" -> 65536;
          case "mistral",
              "ministral",
              "mixtral",
              "phimoe",
              "gemma3_text",
              "glm",
              "glm4",
              "gpt_oss",
              "ernie4_5" ->
              131072;
          case "ministral3" -> 262144;
          case "seed_oss" -> 524288;
          default -> 2048;
        });
  }

  double epsilon() {
    return switch (family) {
      case "olmo" -> 1e-5;
      case "cohere", "cohere2", "phi", "stablelm" -> number("layer_norm_eps", 1e-5);
      case "starcoder2" -> number("norm_epsilon", 1e-5);
      case "nemotron" -> number("norm_eps", 1e-5);
      case "glm", "glm4" -> number("rms_norm_eps", 1.5625e-7);
      case "helium" -> number("rms_norm_eps", 1e-8);
      case "llama",
          "mistral",
          "ministral",
          "qwen2",
          "qwen2_moe",
          "qwen3",
          "qwen3_moe",
          "gemma",
          "gemma2",
          "gemma3_text",
          "smollm3",
          "granite",
          "granitemoe",
          "seed_oss",
          "deepseek_v3" ->
          number("rms_norm_eps", 1e-6);
      default -> number("rms_norm_eps", 1e-5);
    };
  }

  /** Returns what a norm adds to its weights. */
  double normOffset() {
    return is("gemma", "gemma2", "gemma3_text", "nemotron") ? 1 : 0;
  }

  boolean tied() {
    return flag(
        "tie_word_embeddings",
        is(
            "gemma",
            "gemma2",
            "gemma3_text",
            "cohere",
            "cohere2",
            "starcoder2",
            "smollm3",
            "ernie4_5",
            "minicpm3"));
  }

  String activation() {
    String name =
        text(
            is("gemma2", "gemma3_text") ? "hidden_activation" : "hidden_act",
            switch (family) {
              case "gemma", "gemma2", "gemma3_text", "starcoder2" -> "gelu_pytorch_tanh";
              case "phi" -> "gelu_new";
              case "arcee", "nemotron" -> "relu2";
              case "apertus" -> "xielu";
              default -> "silu";
            });
    return is("gemma") && name.equals("gelu") ? "gelu_pytorch_tanh" : name;
  }

  /** Returns whether a projection of the attention has a bias. */
  boolean attentionBias(String part) {
    boolean out = part.equals("o_proj");
    return switch (family) {
      case "phi", "qwen2" -> !out || is("phi");
      case "qwen2_moe" -> !out && flag("qkv_bias", true);
      case "mistral", "ministral", "ministral3", "mixtral", "phi3", "exaone4" -> false;
      case "starcoder2", "ernie4_5" -> flag("use_bias", is("starcoder2"));
      case "stablelm" -> !out && flag("use_qkv_bias", false);
      case "glm", "glm4" -> !out && flag("attention_bias", true);
      case "helium" -> !out && flag("attention_bias", false);
      case "seed_oss" -> out ? flag("attention_out_bias", false) : flag("attention_bias", true);
      case "gpt_oss" -> flag("attention_bias", true);
      default -> flag("attention_bias", false);
    };
  }

  /** Returns whether the projections of a dense mlp have biases. */
  boolean mlpBias() {
    return switch (family) {
      case "phi" -> true;
      case "starcoder2", "ernie4_5" -> flag("use_bias", is("starcoder2"));
      case "llama", "arcee", "smollm3", "granite", "seed_oss", "minicpm3", "helium", "nemotron" ->
          flag("mlp_bias", false);
      default -> false;
    };
  }

  /** Returns what the output of attention and mlp is multiplied by before it is added. */
  double residualMultiplier() {
    if (is("granite", "granitemoe")) {
      return number("residual_multiplier", 1);
    }
    Double depth = is("minicpm3") ? nullable("scale_depth", 1.4) : null;
    return depth == null ? 1 : depth / Math.sqrt(layers());
  }

  double embeddingMultiplier() {
    return switch (family) {
      case "gemma", "gemma2", "gemma3_text" -> Math.sqrt(hidden());
      case "granite", "granitemoe" -> number("embedding_multiplier", 1);
      case "minicpm3" -> number("scale_emb", 12);
      default -> 1;
    };
  }

  double logitMultiplier() {
    if (is("granite", "granitemoe")) {
      return 1 / number("logits_scaling", 1);
    }
    if (is("minicpm3")) {
      Double base = nullable("dim_model_base", 256.0);
      return base == null ? 1 : base / hidden();
    }
    return is("cohere", "cohere2") ? number("logit_scale", 0.0625) : 1;
  }

  /** Returns the bound of the logits, or null. */
  @Nullable Double logitCap() {
    return switch (family) {
      case "gemma2" -> nullable("final_logit_softcapping", 30.0);
      case "gemma3_text" -> nullable("final_logit_softcapping", null);
      default -> null;
    };
  }

  /** Returns the bound of the attention scores, or null. */
  @Nullable Double scoreCap() {
    return is("gemma2") ? nullable("attn_logit_softcapping", 50.0) : null;
  }
}
