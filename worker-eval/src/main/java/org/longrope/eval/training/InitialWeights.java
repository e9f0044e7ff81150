package org.longrope.eval.training;

import java.util.Arrays;
import java.util.LinkedHashMap;
import java.util.Map;
import java.util.Random;
import org.longrope.eval.family.DecoderSpec;
import org.longrope.eval.family.TensorPart;

/**
 * Initial weights of a training from scratch: matrices normal with standard deviation 0.02, those
 * that write into the residual stream smaller by sqrt(2 · layers) (GPT-2's rule), norms 1, biases
 * 0.
 */
public final class InitialWeights {
  private static final double DEVIATION = 0.02;

  private InitialWeights() {}

  /** Returns the weights of a seed, which are equal on every machine. */
  public static Map<String, FloatTensor> of(DecoderSpec config, long seed) {
    Random random = new Random(seed);
    Map<String, FloatTensor> weights = new LinkedHashMap<>();
    for (TensorPart part : config.weights()) {
      if (!weights.containsKey(part.tensor())) {
        weights.put(part.tensor(), initial(part, config, random));
      }
    }
    return weights;
  }

  private static FloatTensor initial(TensorPart part, DecoderSpec config, Random random) {
    long size = part.shape().stream().reduce(1L, Math::multiplyExact);
    float[] values = new float[Math.toIntExact(size)];
    if (part.shape().size() > 1) {
      boolean residual =
          part.tensor().endsWith("o_proj.weight") || part.tensor().endsWith("down_proj.weight");
      double deviation = residual ? DEVIATION / Math.sqrt(2.0 * config.layerCount()) : DEVIATION;
      for (int i = 0; i < values.length; i++) {
        values[i] = (float) (deviation * random.nextGaussian());
      }
    } else if (!part.tensor().endsWith(".bias")) {
      Arrays.fill(values, 1);
    }
    return new FloatTensor(part.shape(), values);
  }
}
