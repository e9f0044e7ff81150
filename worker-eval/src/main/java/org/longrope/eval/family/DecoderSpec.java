package org.longrope.eval.family;

import java.util.ArrayList;
import java.util.Collections;
import java.util.EnumMap;
import java.util.List;
import java.util.Map;
import org.jspecify.annotations.Nullable;
import org.longrope.eval.rope.RopeGeometry;

/**
 * Decoder as config.json and the names of the tensors describe it. One decoder runs every spec;
 * {@link Families} reads it.
 *
 * @param modelType such as llama
 * @param hiddenSize width of the residual stream
 * @param intermediateSize width of a dense layer's feed-forward
 * @param vocabularySize rows of the embedding
 * @param norm kind of all norms of the hidden width
 * @param epsilon added under the norms' roots
 * @param block place of the norms
 * @param attention of every layer
 * @param activation of every feed-forward
 * @param gated whether a feed-forward has a gate
 * @param experts mixture of experts of the layers that have one; null for none
 * @param scales constant factors
 * @param rope the checkpoint's own rotation, which rescale factors change
 * @param localRope rotation of windowed layers with a table of their own; null for none
 * @param originalWindowSource name of what decided the original window
 * @param embedding where it is stored
 * @param output weights after the last layer
 * @param layers in order
 * @param notes a sentence for each choice between config.json and the files that a user should know
 */
public record DecoderSpec(
    String modelType,
    int hiddenSize,
    int intermediateSize,
    int vocabularySize,
    Norm norm,
    double epsilon,
    Block block,
    AttentionSpec attention,
    Activation activation,
    boolean gated,
    @Nullable ExpertsSpec experts,
    Scales scales,
    RopeGeometry rope,
    @Nullable RopeGeometry localRope,
    String originalWindowSource,
    TensorPart embedding,
    Output output,
    List<LayerSpec> layers,
    List<String> notes) {

  /**
   * Constant factors of a model.
   *
   * @param embedding on the embedding
   * @param residual on what a layer adds
   * @param output on the last norm's output
   * @param logits on the logits
   * @param logitCap t of t · tanh(logit / t); null for none
   */
  public record Scales(
      double embedding, double residual, double output, double logits, @Nullable Double logitCap) {
    /** Factors of a model that has none. */
    public static final Scales NONE = new Scales(1, 1, 1, 1, null);
  }

  /**
   * Weights after the last layer.
   *
   * @param norm last norm, [D]; null if it has no weights
   * @param normBias its bias, [D]; null for none
   * @param head output head, [V, D]; the embedding where they are tied
   * @param headBias its bias, [V]; null for none
   */
  public record Output(
      @Nullable TensorPart norm,
      @Nullable TensorPart normBias,
      TensorPart head,
      @Nullable TensorPart headBias) {
    /** Returns the parts in the order in which the decoder program takes them. */
    public List<@Nullable TensorPart> programOrder() {
      List<@Nullable TensorPart> order = new ArrayList<>();
      order.add(norm);
      order.add(normBias);
      order.add(head);
      order.add(headBias);
      return order;
    }
  }

  public DecoderSpec {
    layers = List.copyOf(layers);
    notes = List.copyOf(notes);
  }

  /** Returns the number of layers. */
  public int layerCount() {
    return layers.size();
  }

  /** Returns for each layer the last keys that a query sees, itself included; 0 is all. */
  public List<Integer> attentionWindows() {
    return layers.stream().map(LayerSpec::window).toList();
  }

  /** Returns how many cosines and sines the tables of angles have of each position. */
  public long tableElements() {
    return (long) rope.rotaryDimension() + (localRope == null ? 0 : localRope.rotaryDimension());
  }

  /** Returns the width of all feed-forwards that a token passes through in the widest layer. */
  public long feedForwardWidth() {
    long mixed =
        experts == null ? 0 : (long) experts.chosen() * experts.width() + experts.sharedWidth();
    return Math.max(intermediateSize, mixed);
  }

  /**
   * Tells whether a factor on cos and sin changes anything: norms of queries and keys after RoPE
   * divide it out again.
   */
  public boolean attentionFactorMatters() {
    return attention.headNorm() != AttentionSpec.HeadNorm.ROTATED;
  }

  /** Tells whether the output head is the embedding. */
  public boolean tiedEmbeddings() {
    return output.head().equals(embedding);
  }

  /**
   * Returns how many places each weight has in the list that the decoder program takes of a layer:
   * as many as the layer that has most of it.
   */
  public Map<LayerWeight, Integer> places() {
    Map<LayerWeight, Integer> places = new EnumMap<>(LayerWeight.class);
    for (LayerSpec layer : layers) {
      layer.weights().forEach((weight, parts) -> places.merge(weight, parts.size(), Math::max));
    }
    return places;
  }

  /**
   * Returns a layer's weights in the order in which the decoder program takes them: first a null,
   * which stands for all that the model lacks, then those of {@link #places}. Null where this layer
   * lacks what others have.
   */
  public List<@Nullable TensorPart> programOrder(int layer) {
    List<@Nullable TensorPart> order = new ArrayList<>();
    order.add(null);
    places()
        .forEach(
            (weight, count) -> {
              List<TensorPart> parts = layers.get(layer).parts(weight);
              order.addAll(parts);
              order.addAll(Collections.nCopies(count - parts.size(), null));
            });
    return order;
  }

  /** Returns all weights: the embedding, those of each layer, those after the last. */
  public List<TensorPart> weights() {
    List<TensorPart> all = new ArrayList<>();
    all.add(embedding);
    for (LayerSpec layer : layers) {
      new EnumMap<>(layer.weights()).values().forEach(all::addAll);
    }
    output.programOrder().stream().filter(part -> part != null).forEach(all::add);
    return all;
  }
}
