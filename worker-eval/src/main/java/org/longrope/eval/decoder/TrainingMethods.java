package org.longrope.eval.decoder;

import java.util.Locale;
import java.util.TreeSet;
import org.longrope.eval.family.DecoderSpec;

/** Methods of the decoder program that autograd goes through, for a model of a given shape. */
public final class TrainingMethods {
  /**
   * Method of the mean next-token loss in nats: ids [B, T], targets [B, T], the tensors of {@link
   * RotationTables#inOrder}, all weights in the program's order → [].
   */
  public static final String MEAN_LOSS = "training_loss";

  /** Method of the embedding: ids [B, T], the embedding → hidden states [B, T, D]. */
  public static final String EMBEDDING = "training_embedding";

  /**
   * Method of the summed loss: hidden states [B, n, D], targets [B, n], the weights after the last
   * layer → Σ NLL in nats of the targets.
   */
  public static final String LOSS_SUM = "training_loss_sum";

  private TrainingMethods() {}

  /**
   * Returns the name of a layer's method: hidden states [B, T, D], cos, sin and query scales of the
   * {@link LayerRotation}, the layer's weights → hidden states.
   *
   * @param window last keys that a query of the layer sees; 0 is all
   */
  public static String layer(int window) {
    return "training_layer_" + window;
  }

  /** Returns the positions per block of the output head, so that not all logits exist at once. */
  public static int headPositions(DecoderSpec config) {
    return Chunks.trainingHead(config);
  }

  static String of(DecoderSpec config) {
    StringBuilder source = new StringBuilder();
    method(
        source,
        MEAN_LOSS,
        "ids: Tensor, targets: Tensor, c0: Tensor, s0: Tensor, c1: Tensor, s1: Tensor, c2: Tensor,"
            + " s2: Tensor, scales: Tensor",
        "self.mean_loss(ids, targets, [c0, s0, c1, s1, c2, s2], scales, w, %s, %s, %d)",
        config.attentionWindows(),
        config.layers().stream().map(layer -> layer.rope().ordinal()).toList(),
        headPositions(config));
    method(source, EMBEDDING, "ids: Tensor", "self.embeddings(ids, w[0])");
    method(source, LOSS_SUM, "x: Tensor, targets: Tensor", "torch.sum(self.losses(x, targets, w))");
    for (int window : new TreeSet<>(config.attentionWindows())) {
      method(
          source,
          layer(window),
          "x: Tensor, cos: Tensor, sin: Tensor, scales: Tensor",
          "self.training_layer(x, cos, sin, scales, w, %d)",
          window);
    }
    return source.toString();
  }

  private static void method(
      StringBuilder source, String name, String parameters, String body, Object... values) {
    source
        .append("\ndef ")
        .append(name)
        .append("(self: __torch__.Decoder, ")
        .append(parameters)
        .append(", w: List[Tensor]) -> Tensor:\n  return ")
        .append(String.format(Locale.ROOT, body, values))
        .append('\n');
  }
}
