package org.longrope.eval.family;

import com.fasterxml.jackson.databind.node.JsonNodeFactory;
import com.fasterxml.jackson.databind.node.ObjectNode;

/**
 * Shape of a new Llama.
 *
 * @param hiddenSize width of the residual stream; a multiple of the heads
 * @param intermediateSize width of the feed-forward
 * @param layers decoder layers
 * @param heads query heads
 * @param keyValueHeads key and value heads; divides heads
 * @param vocabularySize rows of the embedding
 * @param tied whether the output head is the embedding
 * @param base of RoPE
 * @param window context window, tokens
 */
public record LlamaShape(
    int hiddenSize,
    int intermediateSize,
    int layers,
    int heads,
    int keyValueHeads,
    int vocabularySize,
    boolean tied,
    double base,
    int window) {

  /** Returns the config.json that says this. */
  public ObjectNode toJson() {
    return JsonNodeFactory.instance
        .objectNode()
        .put("model_type", "llama")
        .put("hidden_size", hiddenSize)
        .put("intermediate_size", intermediateSize)
        .put("num_hidden_layers", layers)
        .put("num_attention_heads", heads)
        .put("num_key_value_heads", keyValueHeads)
        .put("vocab_size", vocabularySize)
        .put("tie_word_embeddings", tied)
        .put("rms_norm_eps", 1e-5)
        .put("rope_theta", base)
        .put("max_position_embeddings", window);
  }

  /** Returns the decoder. */
  public DecoderSpec spec() {
    return DecoderSpecReader.read(toJson(), "a new model", TensorNames.UNKNOWN);
  }
}
