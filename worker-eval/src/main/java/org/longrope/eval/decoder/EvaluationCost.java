package org.longrope.eval.decoder;

import java.util.HashSet;
import java.util.List;
import java.util.Set;
import org.longrope.eval.checkpoint.DType;
import org.longrope.eval.family.AttentionSpec;
import org.longrope.eval.family.DecoderSpec;
import org.longrope.eval.family.ExpertsSpec;
import org.longrope.eval.family.LayerSpec;
import org.longrope.eval.family.LayerWeight;
import org.longrope.eval.family.TensorPart;

/**
 * Cost of one forward pass, counted from the model's shape.
 *
 * @param length tokens of the window
 * @param flop useful floating-point operations: two for each weight and position, and four for each
 *     element of a head and each key that a query sees
 * @param weightBytes of the resident model
 * @param embeddingBytes of the embedding alone, as many as of an output head of its own
 * @param layerBytes of each layer's weights
 * @param lengthBytes of all that has the sequence's length: hidden states, one layer's keys and
 *     values, angle tables, token ids
 * @param chunkBytes of all that does not grow with the length: a chunk's queries, a block's
 *     feed-forward and logits on each thread
 */
public record EvaluationCost(
    int length,
    double flop,
    long weightBytes,
    long embeddingBytes,
    List<Long> layerBytes,
    long lengthBytes,
    long chunkBytes) {

  /**
   * Computes the cost of a window of tokens.
   *
   * @param type of weights and activations while computing
   * @param gpu whether it runs on a GPU, whose chunks are larger
   * @param length tokens of the window, 2 or more
   */
  public static EvaluationCost of(
      DecoderSpec config, AttentionWindow window, DType type, boolean gpu, int length) {
    if (!(length >= 2)) {
      throw new IllegalArgumentException("Cannot score a window of " + length + " tokens");
    }
    long n = length - 1L;
    Chunks chunks = gpu ? Chunks.GPU : Chunks.CPU;
    return new EvaluationCost(
        length,
        headFlop(config, n) + layersFlop(config, window.windows(config), n),
        weightBytes(config.weights(), type),
        weightBytes(List.of(config.embedding()), type),
        config.layers().stream().map(layer -> layerBytes(layer, type)).toList(),
        lengthBytes(config, type, n),
        chunkBytes(config, type, chunks, n));
  }

  /** Returns the most bytes that one forward pass holds in addition to the weights. */
  public long passBytes() {
    return lengthBytes + chunkBytes;
  }

  /**
   * Returns the output head's share of a forward pass's operations.
   *
   * @param windows keys that a query sees in each layer; 0 for all
   * @param n positions, 1 or more
   */
  static double headShare(DecoderSpec config, List<Integer> windows, long n) {
    double head = headFlop(config, n);
    return head / (head + layersFlop(config, windows, n));
  }

  private static double headFlop(DecoderSpec config, long n) {
    return 2.0 * n * config.vocabularySize() * config.hiddenSize();
  }

  private static double layersFlop(DecoderSpec config, List<Integer> windows, long n) {
    double flop = 0;
    AttentionSpec attention = config.attention();
    double perPair = 2.0 * attention.heads() * (attention.keyWidth() + attention.valueWidth());
    for (int layer = 0; layer < config.layerCount(); layer++) {
      double weights = elementsOfAToken(config, config.layers().get(layer));
      flop += 2.0 * n * weights + perPair * visiblePairs(n, windows.get(layer));
    }
    return flop;
  }

  /** Counts pairs of a query and a key that it sees: min(i + 1, window) keys for query i. */
  private static double visiblePairs(long n, int window) {
    long full = window == 0 ? n : Math.min(n, window);
    return full * (full + 1.0) / 2 + (double) (n - full) * full;
  }

  /** Counts the elements of the matrices that a token passes through: of experts the chosen. */
  private static double elementsOfAToken(DecoderSpec config, LayerSpec layer) {
    double elements = 0;
    for (LayerWeight weight : LayerWeight.values()) {
      long all =
          layer.parts(weight).stream()
              .filter(part -> part.partShape().size() == 2)
              .mapToLong(TensorPart::elements)
              .sum();
      ExpertsSpec experts = config.experts();
      elements +=
          experts != null && weight.isOfExperts()
              ? (double) all * experts.chosen() / experts.count()
              : all;
    }
    return elements;
  }

  private static long layerBytes(LayerSpec layer, DType type) {
    return weightBytes(layer.weights().values().stream().flatMap(List::stream).toList(), type);
  }

  /** Sums the bytes of weights; a part that is used twice (tied embeddings) exists once. */
  private static long weightBytes(List<TensorPart> weights, DType type) {
    Set<TensorPart> parts = new HashSet<>(weights);
    return type.bytes() * parts.stream().mapToLong(TensorPart::elements).sum();
  }

  private static long lengthBytes(DecoderSpec config, DType type, long n) {
    long tables = config.tableElements() * DType.F32.bytes();
    long idsAndTargets = 2L * Long.BYTES;
    return n
        * ((config.hiddenSize() + config.attention().cacheWidth()) * type.bytes()
            + tables
            + idsAndTargets);
  }

  private static long chunkBytes(DecoderSpec config, DType type, Chunks chunks, long n) {
    long chunk = Math.min(n, chunks.chunk());
    long block = Math.min(n, chunks.block());
    long headBlock = Math.min(n, chunks.headBlock());
    long vocabularyBlock = Math.min(config.vocabularySize(), chunks.vocabularyBlock());
    int threads = chunks.shared() ? EvaluationThreads.count() : 1;
    int heads = config.attention().heads();
    long headsAtOnce = Math.min(heads, threads * (long) chunks.headsTogether(heads, (int) chunk));
    // Queries of all heads; of the heads at work outputs, and in float32 two that are joined and
    // their weight.
    int width = Math.max(config.attention().keyWidth(), config.attention().valueWidth());
    long attention =
        chunk * width * (heads * (long) type.bytes() + headsAtOnce * (2L * type.bytes() + 8));
    long feedForward =
        block * (3L * config.feedForwardWidth() + 4L * config.hiddenSize()) * type.bytes();
    // Logits, and in float32 again, and their exponentials.
    long logits = headBlock * vocabularyBlock * (type.bytes() + 8L);
    return attention + threads * Math.max(feedForward, logits);
  }
}
