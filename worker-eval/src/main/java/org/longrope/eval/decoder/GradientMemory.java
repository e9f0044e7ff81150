package org.longrope.eval.decoder;

import org.longrope.eval.checkpoint.DType;
import org.longrope.eval.family.AttentionSpec;
import org.longrope.eval.family.DecoderSpec;

/**
 * Memory of the gradient of an evaluation, counted from the model's shape: in addition to the
 * weights and to what {@link EvaluationCost} says for the forward pass.
 *
 * @param inputBytes of the hidden states before one layer, which are kept for each layer
 * @param lengthBytes of all else that has the sequence's length: one layer's queries, attention
 *     output and log-sum-exps, and the gradients by hidden states, attention output, keys, values
 *     and tables
 * @param blockBytes of the parts at work: heads' gradients, a block's activations and logits on
 *     each thread
 */
public record GradientMemory(long inputBytes, long lengthBytes, long blockBytes) {
  /**
   * Computes the memory of a window of tokens.
   *
   * @param type of weights and activations while computing
   * @param gpu whether it runs on a GPU, whose blocks are larger
   * @param length tokens of the window, 2 or more
   */
  public static GradientMemory of(DecoderSpec config, DType type, boolean gpu, int length) {
    return of(config, type, gpu ? Chunks.GPU : Chunks.CPU, length);
  }

  static GradientMemory of(DecoderSpec config, DType type, Chunks chunks, int length) {
    if (!(length >= 2)) {
      throw new IllegalArgumentException("Cannot score a window of " + length + " tokens");
    }
    long n = length - 1L;
    AttentionSpec attention = config.attention();
    long heads = attention.heads();
    long key = attention.keyWidth();
    long value = attention.valueWidth();
    long ownKeys = chunks.shared() ? heads : attention.keyValueHeads();
    long activations = config.hiddenSize() + heads * (Math.max(key, value) + 2 * value);
    long wide = heads + ownKeys * (key + value) + config.rope().rotaryDimension();
    return new GradientMemory(
        n * config.hiddenSize() * type.bytes(),
        n * (activations * type.bytes() + wide * DType.F32.bytes()),
        headsBytes(attention, type, chunks, n) + blocksBytes(config, type, chunks, n));
  }

  /** Returns the bytes of the gradients of the heads that are computed at once. */
  private static long headsBytes(AttentionSpec attention, DType type, Chunks chunks, long n) {
    long heads = attention.heads();
    long group = heads / attention.keyValueHeads();
    long atOnce = chunks.shared() ? Math.min(heads, threads(chunks)) : group == 1 ? heads : group;
    long key = attention.keyWidth();
    return n
        * atOnce
        * (key * DType.F32.bytes() + (2 * key + attention.valueWidth()) * type.bytes());
  }

  /** Returns the bytes of the activations of a block, with their gradients, on each thread. */
  private static long blocksBytes(DecoderSpec config, DType type, Chunks chunks, long n) {
    long block = Math.min(n, chunks.block());
    AttentionSpec attention = config.attention();
    long projected =
        attention.queryWidth() + (long) attention.keyValueHeads() * attention.keyWidth() * 2;
    // Both products' results, the activation and their product, and the gradients by each.
    long output = 8L * config.feedForwardWidth() + 16L * config.hiddenSize();
    long projections = 8L * projected + 8L * config.hiddenSize();
    long layer = block * Math.max(output, projections) * DType.F32.bytes();
    long head = Math.min(n, chunks.gradientHead(config));
    long logits =
        head
            * ((type.bytes() + 2L * DType.F32.bytes()) * config.vocabularySize()
                + 8L * DType.F32.bytes() * config.hiddenSize());
    return threads(chunks) * Math.max(layer, logits);
  }

  private static int threads(Chunks chunks) {
    return chunks.shared() ? EvaluationThreads.count() : 1;
  }

  /** Returns the most bytes in addition to weights and forward pass, without layer inputs. */
  public long workBytes() {
    return lengthBytes + blockBytes;
  }

  /**
   * Returns the bytes in addition to weights and forward pass, with the inputs of all layers.
   *
   * @param layers of the model
   */
  public long bytes(int layers) {
    return workBytes() + inputBytes * layers;
  }

  /**
   * Returns how many layers' inputs a device holds; the host's memory holds the others.
   *
   * @param free bytes of the device with the weights loaded
   * @param passBytes of the forward pass
   * @param layers on the device
   */
  public int inputsOnDevice(long free, long passBytes, int layers) {
    long left = free - passBytes - workBytes();
    return (int) Math.max(0, Math.min(layers, left / inputBytes));
  }
}
