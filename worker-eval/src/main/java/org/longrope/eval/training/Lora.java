package org.longrope.eval.training;

import java.io.Serializable;
import java.util.ArrayList;
import java.util.HashSet;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Random;
import java.util.Set;
import java.util.stream.Stream;
import org.longrope.eval.family.DecoderSpec;
import org.longrope.eval.family.LayerSpec;
import org.longrope.eval.family.LayerWeight;

/**
 * Low-rank adaptation (LoRA, arXiv 2106.09685): a matrix W [out, in] is used as W + alpha / rank ·
 * B A, of which A [rank, in] and B [out, rank] alone are trained.
 *
 * @param rank of the change, 1 or more
 * @param alpha its scale times the rank
 * @param modules last names of the adapted modules, such as q_proj
 */
public record Lora(int rank, double alpha, List<String> modules) implements Serializable {
  /** End of the names of A in Hugging Face PEFT, in place of .weight. */
  static final String A = ".lora_A.weight";

  static final String B = ".lora_B.weight";

  private static final String WEIGHT = ".weight";

  public Lora {
    modules = List.copyOf(modules);
  }

  /** Returns all problems for a model of that shape, a sentence each. */
  public List<String> problems(DecoderSpec config) {
    List<String> problems = new ArrayList<>();
    Set<String> ofExperts = expertModules(config);
    List<String> present =
        matrices(config).keySet().stream()
            .map(Lora::module)
            .distinct()
            .filter(module -> !ofExperts.contains(module))
            .toList();
    if (!(rank >= 1)) {
      problems.add("--lora-rank is " + rank + ": expected 1 or more.");
    }
    if (!(alpha > 0)) {
      problems.add("--lora-alpha is " + alpha + ": expected a positive number.");
    }
    for (String module : modules) {
      if (!present.contains(module)) {
        String why = ofExperts.contains(module) ? ", of experts, which cannot be adapted" : "";
        problems.add("--lora-modules has " + module + why + ": expected some of " + present + ".");
      }
    }
    return problems;
  }

  /** Returns the modules of the projections of attention, which are adapted by default. */
  public static List<String> attentionModules(DecoderSpec config) {
    return Stream.of(
            LayerWeight.QUERY_DOWN,
            LayerWeight.WQ,
            LayerWeight.KEY_VALUE_DOWN,
            LayerWeight.KEY_VALUE_UP,
            LayerWeight.WK,
            LayerWeight.WV,
            LayerWeight.WO)
        .flatMap(weight -> config.layers().get(0).parts(weight).stream())
        .map(part -> module(part.tensor()))
        .distinct()
        .toList();
  }

  /** Returns alpha / rank. */
  double scale() {
    return alpha / rank;
  }

  /** Returns whether a tensor of the checkpoint is adapted. */
  boolean adapts(String tensor) {
    return tensor.endsWith(WEIGHT) && modules.contains(module(tensor));
  }

  /** Returns the name of A or B of an adapted tensor. */
  static String factor(String tensor, String which) {
    return tensor.substring(0, tensor.length() - WEIGHT.length()) + which;
  }

  private static String module(String tensor) {
    String path =
        tensor.endsWith(WEIGHT) ? tensor.substring(0, tensor.length() - WEIGHT.length()) : tensor;
    return path.substring(path.lastIndexOf('.') + 1);
  }

  /** Returns the names of modules of which some are experts'. */
  private static Set<String> expertModules(DecoderSpec config) {
    Set<String> modules = new HashSet<>();
    for (LayerSpec layer : config.layers()) {
      for (LayerWeight weight : LayerWeight.values()) {
        if (weight.isOfExperts()) {
          layer.parts(weight).forEach(part -> modules.add(module(part.tensor())));
        }
      }
    }
    return modules;
  }

  /** Returns the layers' matrices by name, each with its shape [out, in]. */
  private static Map<String, List<Long>> matrices(DecoderSpec config) {
    Map<String, List<Long>> matrices = new LinkedHashMap<>();
    for (LayerSpec layer : config.layers()) {
      for (LayerWeight weight : LayerWeight.values()) {
        if (weight.isProjection()) {
          layer.parts(weight).forEach(part -> matrices.put(part.tensor(), part.shape()));
        }
      }
    }
    return matrices;
  }

  /**
   * Returns the initial factors: A uniform in ±1 / sqrt(in), as in PEFT, and B zero, so that the
   * model is unchanged.
   */
  public Map<String, FloatTensor> begin(DecoderSpec config, long seed) {
    Random random = new Random(seed);
    Map<String, FloatTensor> factors = new LinkedHashMap<>();
    matrices(config)
        .forEach(
            (tensor, shape) -> {
              if (adapts(tensor)) {
                long out = shape.get(0);
                long in = shape.get(1);
                float[] a = new float[Math.toIntExact(rank * in)];
                double bound = 1 / Math.sqrt(in);
                for (int i = 0; i < a.length; i++) {
                  a[i] = (float) (bound * (2 * random.nextDouble() - 1));
                }
                float[] b = new float[Math.toIntExact(out * rank)];
                factors.put(factor(tensor, A), new FloatTensor(List.of((long) rank, in), a));
                factors.put(factor(tensor, B), new FloatTensor(List.of(out, (long) rank), b));
              }
            });
    return factors;
  }

  /** Returns a checkpoint's weights with the change added to those that are adapted. */
  public Map<String, FloatTensor> merge(
      Map<String, FloatTensor> weights, Map<String, FloatTensor> factors) {
    Map<String, FloatTensor> merged = new LinkedHashMap<>();
    weights.forEach(
        (name, weight) -> {
          FloatTensor a = adapts(name) ? factors.get(factor(name, A)) : null;
          FloatTensor b = adapts(name) ? factors.get(factor(name, B)) : null;
          merged.put(name, a == null || b == null ? weight : added(weight, a, b));
        });
    return merged;
  }

  private FloatTensor added(FloatTensor weight, FloatTensor a, FloatTensor b) {
    int in = Math.toIntExact(weight.shape().get(1));
    float[] values = weight.values().clone();
    for (int i = 0; i < values.length; i++) {
      int row = i / in;
      int column = i % in;
      double sum = 0;
      for (int r = 0; r < rank; r++) {
        sum += (double) b.values()[row * rank + r] * a.values()[r * in + column];
      }
      values[i] += (float) (scale() * sum);
    }
    return new FloatTensor(weight.shape(), values);
  }
}
