package org.longrope.eval.checkpoint;

import com.fasterxml.jackson.databind.JsonNode;
import java.nio.file.Path;
import java.util.Collections;
import java.util.List;
import java.util.stream.IntStream;
import org.longrope.eval.BadInputException;
import org.longrope.eval.rope.RopeGeometry;

/**
 * Reader of config.json of Hugging Face checkpoints, with the defaults that transformers gives
 * absent fields. It rejects by name every field that would change the forward pass and is not
 * supported.
 */
public final class ModelConfigReader {
  private static final List<String> SUPPORTED = List.of("llama", "mistral", "qwen2", "phi3");
  private static final List<String> EXPERTS = List.of("num_local_experts", "num_experts");

  /** Bound far above any model, and low enough that no product of two sizes overflows. */
  private static final int MOST_WIDTH = 1 << 24;

  private static final int MOST_LAYERS = 1 << 12;

  /** The first layer with a window in Qwen2 configurations that do not say. */
  private static final int QWEN2_MAX_WINDOW_LAYERS = 28;

  /** Names of these factors in transformers, and in the first Phi-3 models. */
  private static final List<String> LONGROPE = List.of("longrope", "su");

  private final ConfigFields config;
  private final ConfigFields ropeParameters;
  private final ConfigFields ropeScaling;
  private final String modelType;

  private ModelConfigReader(Path file) {
    config =
        new ConfigFields(
            StrictJson.readObject(file),
            file.getFileName() + " in " + file.toAbsolutePath().getParent());
    ropeParameters = config.object("rope_parameters");
    ropeScaling = config.object("rope_scaling");
    modelType = config.text("model_type", "");
  }

  /**
   * Reads the model that a config.json describes.
   *
   * @throws BadInputException if the file is not a JSON object, a field is missing or absurd, or
   *     the model is of a kind that is not supported
   */
  public static ModelConfig read(Path file) {
    return new ModelConfigReader(file).read();
  }

  private ModelConfig read() {
    rejectUnsupported();
    rejectRescaled(ropeParameters, "rope_parameters");
    rejectRescaled(ropeScaling, "rope_scaling");
    int hiddenSize = config.count("hidden_size", MOST_WIDTH);
    int layers = config.count("num_hidden_layers", MOST_LAYERS);
    int heads = config.count("num_attention_heads", MOST_WIDTH);
    int keyValueHeads = config.count("num_key_value_heads", MOST_WIDTH, heads);
    if (heads % keyValueHeads != 0) {
      throw config.bad("num_key_value_heads", "a divisor of num_attention_heads, " + heads);
    }
    if (!config.has("head_dim") && hiddenSize % heads != 0) {
      throw config.bad("num_attention_heads", "a divisor of hidden_size, " + hiddenSize);
    }
    int headDimension = config.count("head_dim", MOST_WIDTH, hiddenSize / heads);
    boolean attentionBias = modelType.equals("llama") && config.flag("attention_bias");
    return new ModelConfig(
        modelType,
        hiddenSize,
        config.count("intermediate_size", MOST_WIDTH),
        layers,
        heads,
        keyValueHeads,
        headDimension,
        config.count("vocab_size", MOST_WIDTH),
        config.number("rms_norm_eps", 0, 1),
        config.flag("tie_word_embeddings"),
        attentionBias || modelType.equals("qwen2"),
        attentionBias,
        modelType.equals("llama") && config.flag("mlp_bias"),
        rope(headDimension),
        attentionWindows(layers));
  }

  private void rejectUnsupported() {
    if (!SUPPORTED.contains(modelType)) {
      throw config.bad("model_type", "one of the supported " + String.join(", ", SUPPORTED));
    }
    if (config.has("quantization_config")) {
      throw BadInputException.of(
          "The weights of %s are quantised (quantization_config method %s): expected F32, F16 or"
              + " BF16; take the model before quantisation.",
          config.where(), config.get("quantization_config").path("quant_method"));
    }
    for (String field : EXPERTS) {
      if (config.has(field)) {
        throw BadInputException.of(
            "The model of %s is a mixture of experts (%s): expected a dense model; take one of the"
                + " types %s.",
            config.where(), field, String.join(", ", SUPPORTED));
      }
    }
    if (!config.text("hidden_act", "silu").equals("silu")) {
      throw config.bad("hidden_act", "the only supported one, silu");
    }
  }

  private void rejectRescaled(ConfigFields rope, String name) {
    String type = rope.text("rope_type", rope.text("type", "default"));
    boolean factors = rope.has("factor") || rope.has("long_factor") || rope.has("short_factor");
    boolean own = LONGROPE.contains(type) && rope.has("long_factor");
    if (own || (type.equals("default") && !factors)) {
      return;
    }
    throw BadInputException.of(
        "%s already rescales its positions (%s type '%s'): expected the original model; take the"
            + " model before extension, or pass this config with --factors.",
        config.where(), name, type);
  }

  /**
   * Returns whether a config.json holds longrope factors: its model was extended.
   *
   * @throws BadInputException if the file is not a JSON object
   */
  static boolean isExtended(Path file) {
    ModelConfigReader reader = new ModelConfigReader(file);
    return reader.ropeScaling.has("long_factor") || reader.ropeParameters.has("long_factor");
  }

  private RopeGeometry rope(int headDimension) {
    double base = holder("rope_theta").number("rope_theta", 1, Double.POSITIVE_INFINITY, 10000);
    ConfigFields partial = holder("partial_rotary_factor");
    double factor = partial.number("partial_rotary_factor", 0, Math.nextUp(1.0), 1);
    if (factor != 1 && !modelType.equals("phi3")) {
      throw partial.bad("partial_rotary_factor", "1 or nothing for model_type " + modelType);
    }
    int rotary = (int) (headDimension * factor);
    if (!(rotary > 0 && rotary % 2 == 0)) {
      String field = factor == 1 ? "head_dim" : "partial_rotary_factor";
      throw (factor == 1 ? config : partial)
          .bad(field, "one that rotates an even number of a head's dimensions, not " + rotary);
    }
    return new RopeGeometry(rotary, base, originalWindow());
  }

  private int originalWindow() {
    String field = "original_max_position_embeddings";
    for (ConfigFields holder : List.of(config, ropeScaling, ropeParameters)) {
      if (holder.has(field)) {
        return holder.count(field, Integer.MAX_VALUE);
      }
    }
    return config.count("max_position_embeddings", Integer.MAX_VALUE);
  }

  /**
   * Returns the object that holds a rotary field: rope_parameters since version 5 of transformers,
   * before that the top.
   */
  private ConfigFields holder(String field) {
    return ropeParameters.has(field) ? ropeParameters : config;
  }

  private List<Integer> attentionWindows(int layers) {
    boolean windowed =
        switch (modelType) {
          case "mistral", "phi3" -> true;
          case "qwen2" -> config.flag("use_sliding_window");
          default -> false;
        };
    int window = windowed ? config.count("sliding_window", Integer.MAX_VALUE, 0) : 0;
    if (window == 0 || !modelType.equals("qwen2")) {
      return Collections.nCopies(layers, window);
    }
    JsonNode types = config.get("layer_types");
    if (config.has("layer_types")) {
      if (!types.isArray() || types.size() != layers) {
        throw config.bad("layer_types", "a list with one type for each of " + layers + " layers");
      }
      return IntStream.range(0, layers).mapToObj(i -> window(types.get(i), window)).toList();
    }
    int first =
        config.has("max_window_layers")
            ? config.whole("max_window_layers", 0, Integer.MAX_VALUE)
            : QWEN2_MAX_WINDOW_LAYERS;
    return IntStream.range(0, layers).mapToObj(i -> i >= first ? window : 0).toList();
  }

  private int window(JsonNode layerType, int window) {
    return switch (layerType.asText()) {
      case "sliding_attention" -> window;
      case "full_attention" -> 0;
      default -> throw config.bad("layer_types", "only sliding_attention and full_attention");
    };
  }
}
