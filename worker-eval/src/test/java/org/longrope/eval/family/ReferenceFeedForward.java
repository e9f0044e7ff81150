package org.longrope.eval.family;

import com.fasterxml.jackson.databind.JsonNode;
import java.util.Arrays;
import java.util.function.DoubleUnaryOperator;
import java.util.function.IntFunction;

/** Feed-forward part of a layer for one token, with or without experts. */
final class ReferenceFeedForward {
  private final ReferenceConfig config;
  private final ReferenceWeights weights;

  ReferenceFeedForward(ReferenceConfig config, ReferenceWeights weights) {
    this.config = config;
    this.weights = weights;
  }

  /**
   * Returns the output for one token.
   *
   * @param layer prefix of the tensor names of the layer
   */
  double[] apply(double[] x, String layer, int index) {
    return hasExperts(index) ? experts(x, layer) : dense(x, layer + "mlp.");
  }

  private boolean hasExperts(int index) {
    return switch (config.family()) {
      case "mixtral", "phimoe", "granitemoe", "gpt_oss", "olmoe" -> true;
      case "qwen2_moe", "qwen3_moe" ->
          !excluded(index) && (index + 1) % config.integer("decoder_sparse_step", 1) == 0;
      case "deepseek_v3" -> index >= config.integer("first_k_dense_replace", 3);
      default -> false;
    };
  }

  private boolean excluded(int index) {
    for (JsonNode layer : config.json.path("mlp_only_layers")) {
      if (layer.intValue() == index) {
        return true;
      }
    }
    return false;
  }

  private double[] dense(double[] x, String prefix) {
    boolean bias = config.mlpBias();
    return switch (config.family()) {
      case "arcee", "nemotron", "apertus" ->
          plain(x, prefix + "up_proj", prefix + "down_proj", bias);
      case "starcoder2" -> plain(x, prefix + "c_fc", prefix + "c_proj", bias);
      case "phi" -> plain(x, prefix + "fc1", prefix + "fc2", bias);
      case "phi3", "glm", "glm4" -> {
        double[] inner = halves(weights.linear(x, prefix + "gate_up_proj", false));
        yield weights.linear(inner, prefix + "down_proj", false);
      }
      default -> gated(x, prefix, "gate_proj", "up_proj", "down_proj", bias);
    };
  }

  private double[] plain(double[] x, String up, String down, boolean bias) {
    String prefix = up.substring(0, up.lastIndexOf('.') + 1);
    double[] inner = weights.linear(x, up, bias);
    return weights.linear(ReferenceMath.map(inner, activation(prefix)), down, bias);
  }

  private double[] gated(
      double[] x, String prefix, String gate, String up, String down, boolean bias) {
    double[] gates = ReferenceMath.map(weights.linear(x, prefix + gate, bias), activation(prefix));
    double[] inner = ReferenceMath.times(gates, weights.linear(x, prefix + up, bias));
    return weights.linear(inner, prefix + down, bias);
  }

  /** Multiplies the second half by the activation of the first. */
  private double[] halves(double[] fused) {
    int half = fused.length / 2;
    double[] gate = ReferenceMath.map(Arrays.copyOf(fused, half), activation(""));
    return ReferenceMath.times(gate, Arrays.copyOfRange(fused, half, 2 * half));
  }

  private DoubleUnaryOperator activation(String prefix) {
    String name = config.activation();
    return name.equals("xielu") ? xielu(prefix + "act_fn.") : ReferenceMath.activation(name);
  }

  private DoubleUnaryOperator xielu(String prefix) {
    double beta = weights.get(prefix + "beta")[0];
    double epsilon = weights.get(prefix + "eps")[0];
    double positive = ReferenceMath.softplus(weights.get(prefix + "alpha_p")[0]);
    double negative = beta + ReferenceMath.softplus(weights.get(prefix + "alpha_n")[0]);
    return z ->
        z > 0
            ? positive * z * z + beta * z
            : negative * (Math.expm1(Math.min(z, epsilon)) - z) + beta * z;
  }

  private double[] experts(double[] x, String layer) {
    String mlp = layer + "mlp.";
    String sparse = layer + "block_sparse_moe.";
    return switch (config.family()) {
      case "mixtral", "phimoe" ->
          mixed(
              weights.linear(x, sparse + "gate", false),
              e -> gated(x, sparse + "experts." + e + ".", "w1", "w3", "w2", false),
              layer);
      case "granitemoe" ->
          mixed(
              weights.linear(x, sparse + "router.layer", false), e -> stacked(x, sparse, e), layer);
      case "gpt_oss" ->
          mixed(
              weights.linear(x, mlp + "router", true), e -> gptOss(x, mlp + "experts.", e), layer);
      default -> {
        double[] y =
            mixed(
                weights.linear(x, mlp + "gate", false),
                e -> gated(x, mlp + "experts." + e + "."),
                layer);
        yield ReferenceMath.sum(y, shared(x, mlp));
      }
    };
  }

  private double[] mixed(double[] logits, IntFunction<double[]> expert, String layer) {
    double[] correction =
        config.is("deepseek_v3")
            ? weights.get(layer + "mlp.gate.e_score_correction_bias")
            : new double[0];
    ReferenceRouter.Choice choice = ReferenceRouter.choose(config, logits, correction);
    double[] y = new double[config.hidden()];
    for (int i = 0; i < choice.experts().length; i++) {
      double share = choice.shares()[i];
      double[] output = expert.apply(choice.experts()[i]);
      y = ReferenceMath.sum(y, ReferenceMath.map(output, value -> value * share));
    }
    return y;
  }

  private double[] gated(double[] x, String prefix) {
    return gated(x, prefix, "gate_proj", "up_proj", "down_proj", false);
  }

  private double[] shared(double[] x, String prefix) {
    return switch (config.family()) {
      case "qwen2_moe" -> {
        double[] logit = weights.linear(x, prefix + "shared_expert_gate", false);
        double share = ReferenceMath.sigmoid(logit[0]);
        yield ReferenceMath.map(gated(x, prefix + "shared_expert."), value -> value * share);
      }
      case "deepseek_v3" -> gated(x, prefix + "shared_experts.");
      default -> new double[x.length];
    };
  }

  /** Runs an expert of granitemoe, whose experts stand one after another in two tensors. */
  private double[] stacked(double[] x, String prefix, int expert) {
    int inner = config.integer("intermediate_size");
    int from = expert * 2 * inner * x.length;
    double[] in = weights.get(prefix + "input_linear.weight");
    double[] u = halves(ReferenceMath.product(in, from, 2 * inner, x));
    double[] out = weights.get(prefix + "output_linear.weight");
    return ReferenceMath.product(out, expert * x.length * inner, x.length, u);
  }

  private double[] gptOss(double[] x, String prefix, int expert) {
    int inner = config.integer("intermediate_size");
    double limit = config.number("swiglu_limit", 7);
    double alpha = config.number("swiglu_alpha", 1.702);
    double[] u = transposed(x, prefix + "gate_up_proj", expert, 2 * inner);
    double[] y = new double[inner];
    for (int i = 0; i < inner; i++) {
      double gate = Math.min(u[2 * i], limit);
      double up = Math.max(-limit, Math.min(limit, u[2 * i + 1]));
      y[i] = (up + 1) * gate * ReferenceMath.sigmoid(alpha * gate);
    }
    return transposed(y, prefix + "down_proj", expert, x.length);
  }

  private double[] transposed(double[] x, String name, int expert, int width) {
    double[] biases = weights.get(name + "_bias");
    return ReferenceMath.sum(
        ReferenceMath.transposed(weights.get(name), expert * x.length * width, width, x),
        Arrays.copyOfRange(biases, expert * width, (expert + 1) * width));
  }
}
