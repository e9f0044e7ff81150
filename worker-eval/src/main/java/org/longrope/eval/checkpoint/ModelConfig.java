package org.longrope.eval.checkpoint;

import java.util.List;
import org.longrope.eval.rope.RopeGeometry;

/**
 * The shape of a Llama-family decoder, as config.json gives it.
 *
 * @param modelType llama, mistral, qwen2 or phi3
 * @param hiddenSize width of the residual stream
 * @param intermediateSize width of the gated feed-forward
 * @param layers number of decoder layers
 * @param attentionHeads query heads
 * @param keyValueHeads key and value heads; divides attentionHeads
 * @param headDimension width of one head
 * @param vocabularySize rows of the embedding
 * @param rmsNormEpsilon added to the mean square
 * @param tiedEmbeddings whether the output head is the embedding
 * @param queryKeyValueBias whether q, k and v projections have a bias
 * @param outputBias whether the attention's output projection has a bias
 * @param feedForwardBias whether gate, up and down projections have a bias
 * @param rope the checkpoint's own rotation and original window
 * @param attentionWindows for each layer how many last keys a query sees, itself included; 0 is all
 */
public record ModelConfig(
    String modelType,
    int hiddenSize,
    int intermediateSize,
    int layers,
    int attentionHeads,
    int keyValueHeads,
    int headDimension,
    int vocabularySize,
    double rmsNormEpsilon,
    boolean tiedEmbeddings,
    boolean queryKeyValueBias,
    boolean outputBias,
    boolean feedForwardBias,
    RopeGeometry rope,
    List<Integer> attentionWindows) {

  public ModelConfig {
    attentionWindows = List.copyOf(attentionWindows);
  }
}
