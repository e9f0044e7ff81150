package org.longrope.eval.decoder;

import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.ByteBuffer;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Arrays;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.stream.Stream;
import org.jspecify.annotations.Nullable;
import org.longrope.eval.checkpoint.DType;
import org.longrope.eval.checkpoint.ModelConfig;
import org.longrope.eval.checkpoint.SafetensorsFile;
import org.longrope.eval.checkpoint.TensorView;
import org.longrope.eval.rope.Rescaling;

/**
 * Reference of the decoder program in float64, one loop per sum, with weights looked up by their
 * Hugging Face names. It shares nothing with the program but the config.
 */
public final class ReferenceDecoder {
  private final ModelConfig config;
  private final Map<String, double[]> weights;

  /**
   * Decodes with weights in memory.
   *
   * @param weights by Hugging Face name, row by row; read again by each {@link #nll}
   */
  public ReferenceDecoder(ModelConfig config, Map<String, double[]> weights) {
    this.config = config;
    this.weights = weights;
  }

  /** Reads all weights of a directory's safetensors files. */
  static ReferenceDecoder read(ModelConfig config, Path directory) {
    Map<String, double[]> weights = new HashMap<>();
    try (Stream<Path> files = Files.list(directory)) {
      for (Path path : files.filter(p -> p.toString().endsWith(".safetensors")).toList()) {
        SafetensorsFile file = SafetensorsFile.open(path);
        file.names().forEach(name -> weights.put(name, doubles(file.view(name))));
      }
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
    return new ReferenceDecoder(config, weights);
  }

  private static double[] doubles(TensorView view) {
    ByteBuffer bytes = view.rows(0, view.rows());
    double[] values = new double[Math.toIntExact(view.elements())];
    for (int i = 0; i < values.length; i++) {
      values[i] =
          view.dtype() == DType.F32
              ? bytes.getFloat()
              : narrow(bytes.getShort() & 0xffff, view.dtype() == DType.BF16 ? 7 : 10);
    }
    return values;
  }

  /** Decodes a 16-bit float with a number of fraction bits, from the definition of its format. */
  private static double narrow(int bits, int fractionBits) {
    int exponentBits = 15 - fractionBits;
    int bias = (1 << (exponentBits - 1)) - 1;
    int exponent = (bits >> fractionBits) & ((1 << exponentBits) - 1);
    double fraction = (bits & ((1 << fractionBits) - 1)) / (double) (1 << fractionBits);
    double magnitude =
        exponent == 0
            ? fraction * Math.pow(2, 1 - bias)
            : (1 + fraction) * Math.pow(2, exponent - bias);
    return bits >> 15 == 0 ? magnitude : -magnitude;
  }

  /**
   * Returns the NLL (nats) of tokens[1] … tokens[n−1].
   *
   * @param windows for each layer the last keys that a query sees, itself included; 0 is all
   */
  public double[] nll(int[] tokens, Rescaling rescaling, List<Integer> windows) {
    int n = tokens.length - 1;
    double[] embedding = weights.get("model.embed_tokens.weight");
    int hidden = config.hiddenSize();
    double[][] x = new double[n][];
    for (int t = 0; t < n; t++) {
      x[t] = Arrays.copyOfRange(embedding, tokens[t] * hidden, (tokens[t] + 1) * hidden);
    }
    for (int layer = 0; layer < config.layers(); layer++) {
      addAttention(x, layer, rescaling, windows.get(layer));
      addFeedForward(x, layer);
    }
    double[] head = config.tiedEmbeddings() ? embedding : weights.get("lm_head.weight");
    double[][] logits = linear(rmsNorm(x, "model.norm.weight"), head, null);
    double[] nll = new double[n];
    for (int t = 0; t < n; t++) {
      double max = Arrays.stream(logits[t]).max().getAsDouble();
      double sum = Arrays.stream(logits[t]).map(logit -> Math.exp(logit - max)).sum();
      nll[t] = max + Math.log(sum) - logits[t][tokens[t + 1]];
    }
    return nll;
  }

  private void addAttention(double[][] x, int layer, Rescaling rescaling, int window) {
    int h = config.headDimension();
    int queriesPerKey = config.attentionHeads() / config.keyValueHeads();
    double[][] normed = rmsNorm(x, "model.layers." + layer + ".input_layernorm.weight");
    double[][] q = project(normed, layer, "self_attn.q_proj");
    double[][] k = project(normed, layer, "self_attn.k_proj");
    double[][] v = project(normed, layer, "self_attn.v_proj");
    rotate(q, rescaling);
    rotate(k, rescaling);
    double[][] out = new double[x.length][config.attentionHeads() * h];
    for (int head = 0; head < config.attentionHeads(); head++) {
      int query = head * h;
      int key = head / queriesPerKey * h;
      for (int t = 0; t < x.length; t++) {
        int first = window > 0 ? Math.max(0, t - window + 1) : 0;
        double[] weight = new double[t + 1];
        double max = Double.NEGATIVE_INFINITY;
        for (int j = first; j <= t; j++) {
          for (int i = 0; i < h; i++) {
            weight[j] += q[t][query + i] * k[j][key + i];
          }
          weight[j] /= Math.sqrt(h);
          max = Math.max(max, weight[j]);
        }
        double sum = 0;
        for (int j = first; j <= t; j++) {
          weight[j] = Math.exp(weight[j] - max);
          sum += weight[j];
        }
        for (int j = first; j <= t; j++) {
          for (int i = 0; i < h; i++) {
            out[t][query + i] += weight[j] / sum * v[j][key + i];
          }
        }
      }
    }
    add(x, project(out, layer, "self_attn.o_proj"));
  }

  /** Turns pair (i, i + R/2) of every head; the rest of the head stays. */
  private void rotate(double[][] x, Rescaling rescaling) {
    int rotary = config.rope().rotaryDimension();
    int half = rotary / 2;
    for (int m = 0; m < x.length; m++) {
      for (int i = 0; i < half; i++) {
        double lambda = m < rescaling.startTokens() ? 1 : rescaling.factors().get(i);
        double angle = m * Math.pow(config.rope().base(), -2.0 * i / rotary) / lambda;
        double cos = rescaling.attentionFactor() * Math.cos(angle);
        double sin = rescaling.attentionFactor() * Math.sin(angle);
        for (int head = 0; head < x[m].length; head += config.headDimension()) {
          double a = x[m][head + i];
          double b = x[m][head + i + half];
          x[m][head + i] = a * cos - b * sin;
          x[m][head + i + half] = b * cos + a * sin;
        }
      }
    }
  }

  private void addFeedForward(double[][] x, int layer) {
    double[][] normed = rmsNorm(x, "model.layers." + layer + ".post_attention_layernorm.weight");
    double[][] gate = project(normed, layer, "mlp.gate_proj");
    double[][] up = project(normed, layer, "mlp.up_proj");
    for (int t = 0; t < x.length; t++) {
      for (int i = 0; i < up[t].length; i++) {
        up[t][i] *= gate[t][i] / (1 + Math.exp(-gate[t][i]));
      }
    }
    add(x, project(up, layer, "mlp.down_proj"));
  }

  private static void add(double[][] x, double[][] y) {
    for (int t = 0; t < x.length; t++) {
      for (int i = 0; i < x[t].length; i++) {
        x[t][i] += y[t][i];
      }
    }
  }

  private double[][] rmsNorm(double[][] x, String name) {
    double[] weight = weights.get(name);
    double[][] normed = new double[x.length][weight.length];
    for (int t = 0; t < x.length; t++) {
      double squares = Arrays.stream(x[t]).map(value -> value * value).sum();
      double scale = 1 / Math.sqrt(squares / weight.length + config.rmsNormEpsilon());
      for (int i = 0; i < weight.length; i++) {
        normed[t][i] = x[t][i] * scale * weight[i];
      }
    }
    return normed;
  }

  private double[][] project(double[][] x, int layer, String module) {
    String prefix = "model.layers." + layer + ".";
    double[] weight = weights.get(prefix + module + ".weight");
    if (weight == null) {
      weight = fused(prefix, module);
    }
    return linear(x, weight, weights.get(prefix + module + ".bias"));
  }

  /**
   * Returns the rows of a projection in Phi-3's fused tensors: q, k, v in one and gate, up in
   * another.
   */
  private double[] fused(String prefix, String module) {
    int query = config.attentionHeads() * config.headDimension();
    int key = config.keyValueHeads() * config.headDimension();
    int inner = config.intermediateSize();
    return switch (module) {
      case "self_attn.q_proj" -> rows(prefix + "self_attn.qkv_proj.weight", 0, query);
      case "self_attn.k_proj" -> rows(prefix + "self_attn.qkv_proj.weight", query, query + key);
      case "self_attn.v_proj" ->
          rows(prefix + "self_attn.qkv_proj.weight", query + key, query + 2 * key);
      case "mlp.gate_proj" -> rows(prefix + "mlp.gate_up_proj.weight", 0, inner);
      case "mlp.up_proj" -> rows(prefix + "mlp.gate_up_proj.weight", inner, 2 * inner);
      default -> throw new IllegalArgumentException("No " + prefix + module);
    };
  }

  private double[] rows(String name, int from, int to) {
    int width = config.hiddenSize();
    return Arrays.copyOfRange(weights.get(name), from * width, to * width);
  }

  private static double[][] linear(double[][] x, double[] weight, double @Nullable [] bias) {
    int in = x[0].length;
    double[][] y = new double[x.length][weight.length / in];
    for (int t = 0; t < x.length; t++) {
      for (int o = 0; o < y[t].length; o++) {
        double sum = bias == null ? 0 : bias[o];
        for (int i = 0; i < in; i++) {
          sum += x[t][i] * weight[o * in + i];
        }
        y[t][o] = sum;
      }
    }
    return y;
  }
}
