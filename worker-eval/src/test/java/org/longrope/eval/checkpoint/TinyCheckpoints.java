package org.longrope.eval.checkpoint;

import com.fasterxml.jackson.databind.json.JsonMapper;
import com.fasterxml.jackson.databind.node.ObjectNode;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Random;

/**
 * Random checkpoints of every supported architecture, a few kilobytes each, written as Hugging Face
 * lays them out. The same seed gives the same weights.
 */
public final class TinyCheckpoints {
  public static final int VOCABULARY = 64;
  public static final int HIDDEN = 32;
  public static final int INTERMEDIATE = 24;
  public static final int LAYERS = 2;
  public static final int HEADS = 4;
  public static final int KEY_VALUE_HEADS = 2;
  public static final int WINDOW = 32;

  private static final JsonMapper MAPPER = new JsonMapper();

  private TinyCheckpoints() {}

  /** Writes an F32 model with grouped queries, untied, heads wider than hidden / heads. */
  public static Path llama(Path directory, long seed) {
    return write(directory, config("llama").put("head_dim", 16), DType.F32, 1, seed);
  }

  /** Writes the weights of {@link #llama} in two shards. */
  public static Path llamaSharded(Path directory, long seed) {
    return write(directory, config("llama").put("head_dim", 16), DType.F32, 2, seed);
  }

  /** Writes an F32 model with a bias on every projection. */
  public static Path llamaWithBiases(Path directory, long seed) {
    ObjectNode config = config("llama").put("attention_bias", true).put("mlp_bias", true);
    return write(directory, config, DType.F32, 1, seed);
  }

  /** Writes an F16 model with a window of 8 keys in every layer. */
  public static Path mistral(Path directory, long seed) {
    return write(directory, config("mistral").put("sliding_window", 8), DType.F16, 1, seed);
  }

  /** Writes a BF16 model with biases and tied embeddings. */
  public static Path qwen2(Path directory, long seed) {
    return write(directory, config("qwen2").put("tie_word_embeddings", true), DType.BF16, 1, seed);
  }

  /** Writes an F32 model with fused projections, three quarters of a head rotated. */
  public static Path phi3(Path directory, long seed) {
    return write(directory, config("phi3").put("partial_rotary_factor", 0.75), DType.F32, 1, seed);
  }

  /**
   * Returns the fields that config.json of any model needs, to be changed and given to {@link
   * #write}.
   */
  public static ObjectNode config(String modelType) {
    return MAPPER
        .createObjectNode()
        .put("model_type", modelType)
        .put("hidden_size", HIDDEN)
        .put("intermediate_size", INTERMEDIATE)
        .put("num_hidden_layers", LAYERS)
        .put("num_attention_heads", HEADS)
        .put("num_key_value_heads", KEY_VALUE_HEADS)
        .put("vocab_size", VOCABULARY)
        .put("rms_norm_eps", 1e-5)
        .put("rope_theta", 10000.0)
        .put("max_position_embeddings", WINDOW)
        .put("tie_word_embeddings", false)
        .put("hidden_act", "silu");
  }

  /** Writes config.json and random weights for it, in one file or in shards with an index. */
  public static Path write(Path directory, ObjectNode config, DType dtype, int shards, long seed) {
    Random random = new Random(seed);
    List<SafetensorsWriter.Entry> tensors = new ArrayList<>();
    shapes(config).forEach((name, shape) -> tensors.add(random(name, dtype, shape, random)));
    return write(directory, config, tensors, shards);
  }

  /** Writes config.json and the given tensors, in one file or in shards with an index. */
  static Path write(
      Path directory, ObjectNode config, List<SafetensorsWriter.Entry> tensors, int shards) {
    Map<String, String> metadata = Map.of("format", "pt");
    try {
      Files.createDirectories(directory);
      Files.writeString(directory.resolve("config.json"), config.toPrettyString());
      if (shards == 1) {
        SafetensorsWriter.write(directory.resolve("model.safetensors"), metadata, tensors);
        return directory;
      }
      ObjectNode index = MAPPER.createObjectNode();
      ObjectNode weightMap = index.putObject("weight_map");
      for (int shard = 0; shard < shards; shard++) {
        String name = String.format("model-%05d-of-%05d.safetensors", shard + 1, shards);
        List<SafetensorsWriter.Entry> part =
            tensors.subList(shard * tensors.size() / shards, (shard + 1) * tensors.size() / shards);
        part.forEach(tensor -> weightMap.put(tensor.name(), name));
        SafetensorsWriter.write(directory.resolve(name), metadata, part);
      }
      Files.writeString(directory.resolve("model.safetensors.index.json"), index.toPrettyString());
      return directory;
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
  }

  /** Returns names and shapes of all tensors, written out here so that they check the reader. */
  static Map<String, List<Long>> shapes(ObjectNode config) {
    long hidden = config.get("hidden_size").asLong();
    long inner = config.get("intermediate_size").asLong();
    long vocabulary = config.get("vocab_size").asLong();
    long heads = config.get("num_attention_heads").asLong();
    long dimension = config.path("head_dim").asLong(hidden / heads);
    long query = heads * dimension;
    long keyValue = config.path("num_key_value_heads").asLong(heads) * dimension;
    String type = config.get("model_type").asText();
    boolean llama = type.equals("llama");
    boolean attentionBias = llama && config.path("attention_bias").asBoolean();
    Map<String, List<Long>> shapes = new LinkedHashMap<>();
    shapes.put("model.embed_tokens.weight", List.of(vocabulary, hidden));
    for (int layer = 0; layer < config.get("num_hidden_layers").asInt(); layer++) {
      String prefix = "model.layers." + layer + ".";
      shapes.put(prefix + "input_layernorm.weight", List.of(hidden));
      if (type.equals("phi3")) {
        shapes.put(prefix + "self_attn.qkv_proj.weight", List.of(query + 2 * keyValue, hidden));
        shapes.put(prefix + "mlp.gate_up_proj.weight", List.of(2 * inner, hidden));
      } else {
        shapes.put(prefix + "self_attn.q_proj.weight", List.of(query, hidden));
        shapes.put(prefix + "self_attn.k_proj.weight", List.of(keyValue, hidden));
        shapes.put(prefix + "self_attn.v_proj.weight", List.of(keyValue, hidden));
        shapes.put(prefix + "mlp.gate_proj.weight", List.of(inner, hidden));
        shapes.put(prefix + "mlp.up_proj.weight", List.of(inner, hidden));
      }
      shapes.put(prefix + "self_attn.o_proj.weight", List.of(hidden, query));
      shapes.put(prefix + "post_attention_layernorm.weight", List.of(hidden));
      shapes.put(prefix + "mlp.down_proj.weight", List.of(hidden, inner));
      if (attentionBias || type.equals("qwen2")) {
        shapes.put(prefix + "self_attn.q_proj.bias", List.of(query));
        shapes.put(prefix + "self_attn.k_proj.bias", List.of(keyValue));
        shapes.put(prefix + "self_attn.v_proj.bias", List.of(keyValue));
      }
      if (attentionBias) {
        shapes.put(prefix + "self_attn.o_proj.bias", List.of(hidden));
      }
      if (llama && config.path("mlp_bias").asBoolean()) {
        shapes.put(prefix + "mlp.gate_proj.bias", List.of(inner));
        shapes.put(prefix + "mlp.up_proj.bias", List.of(inner));
        shapes.put(prefix + "mlp.down_proj.bias", List.of(hidden));
      }
    }
    shapes.put("model.norm.weight", List.of(hidden));
    if (!config.path("tie_word_embeddings").asBoolean()) {
      shapes.put("lm_head.weight", List.of(vocabulary, hidden));
    }
    return shapes;
  }

  /** Norms around 1, everything else around 0 with a deviation that keeps activations near 1. */
  static SafetensorsWriter.Entry random(String name, DType dtype, List<Long> shape, Random random) {
    int elements = Math.toIntExact(shape.stream().reduce(1L, Math::multiplyExact));
    double center = name.endsWith("norm.weight") ? 1 : 0;
    double deviation = name.contains("norm") || name.endsWith("bias") ? 0.1 : 0.2;
    ByteBuffer bytes = ByteBuffer.allocate(elements * dtype.bytes()).order(ByteOrder.LITTLE_ENDIAN);
    for (int i = 0; i < elements; i++) {
      float value = (float) (center + deviation * random.nextGaussian());
      switch (dtype) {
        case F32 -> bytes.putFloat(value);
        case BF16 -> bytes.putShort((short) (Float.floatToRawIntBits(value) >>> 16));
        case F16 -> bytes.putShort(half(value));
      }
    }
    ByteBuffer data = bytes.flip().asReadOnlyBuffer();
    return new SafetensorsWriter.Entry(name, dtype, shape, List.of(data));
  }

  /** Cuts a float to half precision; a value below its normal range becomes zero. */
  private static short half(float value) {
    int bits = Float.floatToRawIntBits(value);
    int sign = (bits >>> 16) & 0x8000;
    int exponent = (bits >>> 23 & 0xff) - 127 + 15;
    return (short) (exponent <= 0 ? sign : sign | (exponent << 10) | ((bits >>> 13) & 0x3ff));
  }
}
