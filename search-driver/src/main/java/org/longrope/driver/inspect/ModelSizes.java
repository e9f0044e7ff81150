package org.longrope.driver.inspect;

import java.util.HashSet;
import java.util.Set;
import org.longrope.eval.checkpoint.DType;
import org.longrope.eval.decoder.AttentionWindow;
import org.longrope.eval.decoder.EvaluationCost;
import org.longrope.eval.family.DecoderSpec;
import org.longrope.eval.family.LayerSpec;
import org.longrope.eval.family.LayerWeight;
import org.longrope.eval.family.TensorPart;

/**
 * Numbers of weights and bytes of a model.
 *
 * @param parameters all weights; a tied embedding counts once
 * @param active weights that one token passes through: of experts the chosen
 * @param cacheElements keys and values of a token in all layers
 * @param gpuPass cost of a pass at the original window in bf16 on a GPU
 * @param cpuPass cost of the same pass in float32 on one thread of a CPU
 */
record ModelSizes(
    long parameters,
    long active,
    long cacheElements,
    EvaluationCost gpuPass,
    EvaluationCost cpuPass) {
  /** Tokens for which keys and values are counted. */
  static final int CACHED_TOKENS = 1024;

  static ModelSizes of(DecoderSpec spec) {
    Set<TensorPart> parts = new HashSet<>(spec.weights());
    long all = parts.stream().mapToLong(TensorPart::elements).sum();
    int length = Math.max(2, spec.rope().originalWindow());
    return new ModelSizes(
        all,
        all - idle(spec),
        spec.attention().cacheWidth() * spec.layerCount(),
        EvaluationCost.of(spec, AttentionWindow.CONFIG, DType.BF16, true, length),
        EvaluationCost.of(spec, AttentionWindow.CONFIG, DType.F32, false, length));
  }

  /** Counts the weights of experts that a token does not choose. */
  private static long idle(DecoderSpec spec) {
    if (spec.experts() == null) {
      return 0;
    }
    long count = spec.experts().count();
    long others = count - spec.experts().chosen();
    long idle = 0;
    for (LayerSpec layer : spec.layers()) {
      for (LayerWeight weight : LayerWeight.values()) {
        if (weight.isOfExperts()) {
          long elements = layer.parts(weight).stream().mapToLong(TensorPart::elements).sum();
          idle += elements / count * others;
        }
      }
    }
    return idle;
  }

  long weightBytes(DType type) {
    return parameters * type.bytes();
  }

  /** Returns the bytes of keys and values of {@link #CACHED_TOKENS} tokens in all layers. */
  long cacheBytes(DType type) {
    return cacheElements * CACHED_TOKENS * type.bytes();
  }
}
