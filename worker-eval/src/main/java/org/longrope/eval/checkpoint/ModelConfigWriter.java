package org.longrope.eval.checkpoint;

import com.fasterxml.jackson.core.JsonProcessingException;
import com.fasterxml.jackson.core.util.DefaultIndenter;
import com.fasterxml.jackson.core.util.DefaultPrettyPrinter;
import com.fasterxml.jackson.databind.json.JsonMapper;
import com.fasterxml.jackson.databind.node.JsonNodeFactory;
import com.fasterxml.jackson.databind.node.ObjectNode;
import org.jspecify.annotations.Nullable;
import org.longrope.eval.family.Activation;
import org.longrope.eval.family.DecoderSpec;
import org.longrope.eval.family.LayerWeight;
import org.longrope.eval.rope.RopeScaling;

/** config.json for models trained here, as Hugging Face lays it out. Llama models only. */
public final class ModelConfigWriter {
  private ModelConfigWriter() {}

  /**
   * Returns the text of config.json, keys sorted; {@link
   * org.longrope.eval.family.DecoderSpecReader} reads the same config from it.
   *
   * @param dtype type in which the weights are stored
   * @param bosTokenId begins every sequence; null if the tokenizer has none
   * @param eosTokenId ends a document; null if the tokenizer has none
   * @throws IllegalArgumentException if config.json of a Llama model cannot say what the config is
   */
  public static String toJson(
      DecoderSpec config, DType dtype, @Nullable Integer bosTokenId, @Nullable Integer eosTokenId) {
    boolean isLlama =
        config.modelType().equals("llama")
            && config.activation() == Activation.SILU
            && config.layers().stream()
                .allMatch(
                    layer ->
                        layer.parts(LayerWeight.BQ).isEmpty()
                            && layer.parts(LayerWeight.DOWN_BIAS).isEmpty())
            && config.rope().scaling().equals(RopeScaling.NONE);
    if (!isLlama) {
      throw new IllegalArgumentException("Cannot write " + config + " as a Llama config");
    }
    ObjectNode json = JsonNodeFactory.instance.objectNode();
    json.putArray("architectures").add("LlamaForCausalLM");
    json.put("attention_bias", false);
    json.put("bos_token_id", bosTokenId);
    json.put("eos_token_id", eosTokenId);
    json.put("head_dim", config.attention().keyWidth());
    json.put("hidden_act", "silu");
    json.put("hidden_size", config.hiddenSize());
    json.put("intermediate_size", config.intermediateSize());
    json.put("max_position_embeddings", config.rope().originalWindow());
    json.put("mlp_bias", false);
    json.put("model_type", config.modelType());
    json.put("num_attention_heads", config.attention().heads());
    json.put("num_hidden_layers", config.layerCount());
    json.put("num_key_value_heads", config.attention().keyValueHeads());
    json.put("rms_norm_eps", config.epsilon());
    json.putNull("rope_scaling");
    json.put("rope_theta", config.rope().base());
    json.put("tie_word_embeddings", config.tiedEmbeddings());
    json.put("torch_dtype", dtype.torchName());
    json.put("vocab_size", config.vocabularySize());
    DefaultPrettyPrinter printer =
        new DefaultPrettyPrinter().withObjectIndenter(new DefaultIndenter("  ", "\n"));
    try {
      return new JsonMapper().writer(printer).writeValueAsString(json) + "\n";
    } catch (JsonProcessingException e) {
      throw new IllegalStateException("A tree of plain values is always JSON", e);
    }
  }
}
