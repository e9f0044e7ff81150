package org.longrope.eval.checkpoint;

import java.util.ArrayList;
import java.util.List;
import org.jspecify.annotations.Nullable;

/**
 * Part of a tensor in which Hugging Face checkpoints store a weight: rows [from, to).
 *
 * @param tensor its name
 * @param shape its whole shape
 */
public record TensorPart(String tensor, List<Long> shape, long from, long to) {

  /**
   * Returns all weights in the order in which the decoder program takes them: the embedding, each
   * layer's by {@link LayerWeight}, the final norm, the output head (the embedding again when
   * tied). Null where the architecture has no such bias.
   */
  public static List<@Nullable TensorPart> programOrder(ModelConfig config) {
    List<@Nullable TensorPart> order = new ArrayList<>();
    order.add(embedding(config));
    for (int layer = 0; layer < config.layers(); layer++) {
      order.addAll(layer(config, layer));
    }
    order.addAll(output(config));
    return order;
  }

  public static TensorPart embedding(ModelConfig config) {
    return matrix("model.embed_tokens", config.vocabularySize(), config.hiddenSize());
  }

  /**
   * Returns one layer's weights by {@link LayerWeight}; null where the architecture has no such
   * bias.
   */
  public static List<@Nullable TensorPart> layer(ModelConfig config, int layer) {
    List<@Nullable TensorPart> weights = new ArrayList<>();
    for (LayerWeight which : LayerWeight.values()) {
      weights.add(of(config, layer, which));
    }
    return weights;
  }

  /** Returns the final norm and the output head, which is the embedding again when tied. */
  public static List<TensorPart> output(ModelConfig config) {
    return List.of(finalNorm(config), config.tiedEmbeddings() ? embedding(config) : head(config));
  }

  private static TensorPart finalNorm(ModelConfig config) {
    return vector("model.norm.weight", config.hiddenSize());
  }

  /** Returns the output head of a checkpoint whose embeddings are not tied. */
  private static TensorPart head(ModelConfig config) {
    return matrix("lm_head", config.vocabularySize(), config.hiddenSize());
  }

  /** Returns the part for a layer's weight; null where the architecture has no such bias. */
  private static @Nullable TensorPart of(ModelConfig config, int layer, LayerWeight which) {
    String prefix = "model.layers." + layer + ".";
    String attention = prefix + "self_attn.";
    String feedForward = prefix + "mlp.";
    long hidden = config.hiddenSize();
    long inner = config.intermediateSize();
    long query = (long) config.attentionHeads() * config.headDimension();
    long keyValue = (long) config.keyValueHeads() * config.headDimension();
    boolean fused = config.modelType().equals("phi3");
    // Phi-3 stacks q, k, v and gate, up: the same rows, of one tensor each.
    String qkv = attention + "qkv_proj.weight";
    List<Long> qkvShape = List.of(query + 2 * keyValue, hidden);
    String gateUp = feedForward + "gate_up_proj.weight";
    List<Long> gateUpShape = List.of(2 * inner, hidden);
    boolean inputBias = config.queryKeyValueBias();
    boolean innerBias = config.feedForwardBias();
    return switch (which) {
      case ATTENTION_NORM -> vector(prefix + "input_layernorm.weight", hidden);
      case WQ ->
          fused
              ? new TensorPart(qkv, qkvShape, 0, query)
              : matrix(attention + "q_proj", query, hidden);
      case WK ->
          fused
              ? new TensorPart(qkv, qkvShape, query, query + keyValue)
              : matrix(attention + "k_proj", keyValue, hidden);
      case WV ->
          fused
              ? new TensorPart(qkv, qkvShape, query + keyValue, query + 2 * keyValue)
              : matrix(attention + "v_proj", keyValue, hidden);
      case WO -> matrix(attention + "o_proj", hidden, query);
      case FEED_FORWARD_NORM -> vector(prefix + "post_attention_layernorm.weight", hidden);
      case GATE ->
          fused
              ? new TensorPart(gateUp, gateUpShape, 0, inner)
              : matrix(feedForward + "gate_proj", inner, hidden);
      case UP ->
          fused
              ? new TensorPart(gateUp, gateUpShape, inner, 2 * inner)
              : matrix(feedForward + "up_proj", inner, hidden);
      case DOWN -> matrix(feedForward + "down_proj", hidden, inner);
      case BQ -> inputBias ? vector(attention + "q_proj.bias", query) : null;
      case BK -> inputBias ? vector(attention + "k_proj.bias", keyValue) : null;
      case BV -> inputBias ? vector(attention + "v_proj.bias", keyValue) : null;
      case BO -> config.outputBias() ? vector(attention + "o_proj.bias", hidden) : null;
      case GATE_BIAS -> innerBias ? vector(feedForward + "gate_proj.bias", inner) : null;
      case UP_BIAS -> innerBias ? vector(feedForward + "up_proj.bias", inner) : null;
      case DOWN_BIAS -> innerBias ? vector(feedForward + "down_proj.bias", hidden) : null;
    };
  }

  private static TensorPart matrix(String module, long rows, long columns) {
    return new TensorPart(module + ".weight", List.of(rows, columns), 0, rows);
  }

  private static TensorPart vector(String tensor, long length) {
    return new TensorPart(tensor, List.of(length), 0, length);
  }
}
