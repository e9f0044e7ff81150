package org.longrope.driver.factors;

import com.fasterxml.jackson.databind.node.ArrayNode;
import com.fasterxml.jackson.databind.node.JsonNodeFactory;
import com.fasterxml.jackson.databind.node.ObjectNode;
import java.util.Arrays;
import java.util.Set;
import org.jspecify.annotations.Nullable;
import org.longrope.driver.factors.gguf.GgufFile;
import org.longrope.driver.store.files.StoredFile;
import org.longrope.eval.BadInputException;
import org.longrope.eval.family.DecoderSpecReader;
import org.longrope.eval.family.TensorNames;

/**
 * Shape and rotation of the model in a GGUF file, as llama.cpp reads them (llama-model.cpp,
 * load_hparams).
 *
 * @param file its structure
 * @param name of the file, for messages
 * @param architecture one whose graph reads factors
 * @param layers of the decoder
 * @param heads of queries
 * @param keyWidth of a head's queries and keys
 * @param rotary rotated dimensions of a head
 */
record GgufModel(
    GgufFile file,
    StoredFile name,
    String architecture,
    int layers,
    int heads,
    int keyWidth,
    int rotary) {
  static final String FREQUENCIES = "rope_freqs.weight";
  private static final String LATENT = "minicpm3";
  private static final Set<String> PLAIN = Set.of("none", "linear", "longrope");

  /**
   * Reads the shape.
   *
   * @param name of the file, for messages
   * @throws BadInputException if it is no whole model, or of an architecture that reads no factors
   */
  static GgufModel of(GgufFile file, StoredFile name) {
    String architecture = String.valueOf(file.value(GgufExport.ARCHITECTURE));
    if (!GgufExport.readsFactors(architecture)) {
      throw BadInputException.of(
          "Cannot write factors into %s: its architecture is %s, and llama.cpp reads rope factors"
              + " as this program writes them for llama, minicpm3 and phi3 alone; take hf.",
          name, architecture);
    }
    Object type = file.value("general.type");
    if (type != null && !type.equals("model")) {
      throw BadInputException.of(
          "Cannot write factors into %s: it is of general.type %s; expected a whole model.",
          name, type);
    }
    if (file.value("split.count") instanceof Long parts && parts > 1) {
      throw BadInputException.of(
          "%s is one of %d files of a split model: expected one file; merge them first by"
              + " llama-gguf-split --merge.",
          name, parts);
    }
    Shape shape = new Shape(file, name, architecture);
    int heads = shape.count("attention.head_count", null);
    int width = shape.count("embedding_length", null);
    int keyWidth = shape.count("attention.key_length", width / heads);
    int rotary = shape.count("rope.dimension_count", keyWidth);
    boolean good = rotary % 2 == 0 && rotary <= keyWidth;
    if (!good || (architecture.equals(GgufExport.LLAMA) && rotary < keyWidth)) {
      throw BadInputException.of(
          "Cannot write factors into %s: %s.rope.dimension_count is %d and a head has %d"
              + " dimensions; expected an even number of them, and all for llama.",
          name, architecture, rotary, keyWidth);
    }
    return new GgufModel(
        file, name, architecture, shape.count("block_count", null), heads, keyWidth, rotary);
  }

  /** Reader of the keys of an architecture. */
  private record Shape(GgufFile file, StoredFile name, String architecture) {
    int count(String key, @Nullable Integer otherwise) {
      String whole = architecture + "." + key;
      if (!file.has(whole) && otherwise != null && otherwise > 0) {
        return otherwise;
      }
      Object found = file.value(whole);
      if (found instanceof Long value && value > 0 && value <= Integer.MAX_VALUE) {
        return Math.toIntExact(value);
      }
      throw BadInputException.of(
          "Cannot write factors into %s: %s is %s; expected one positive number for all layers.",
          name, whole, found != null ? found : file.has(whole) ? "a list" : "absent");
    }

    double number(String key, double otherwise) {
      Object value = file.value(architecture + "." + key);
      return value instanceof Number number ? number.doubleValue() : otherwise;
    }
  }

  int pairs() {
    return rotary / 2;
  }

  /** Tells whether the rows of a query projection have the dimensions of a pair side by side. */
  boolean hasNeighbours() {
    // LLAMA_ROPE_TYPE_NORM; the others are LLAMA_ROPE_TYPE_NEOX. Converters reorder the rows.
    return architecture.equals(GgufExport.LLAMA);
  }

  /** Returns the number of dimensions of a head before the rotated ones. */
  int plainWidth() {
    return architecture.equals(LATENT) ? keyWidth - rotary : 0;
  }

  /** Returns rope_freqs, which divide the model's frequencies; null where there are none. */
  double @Nullable [] frequencyFactors() {
    GgufFile.Tensor tensor = file.tensor(FREQUENCIES);
    // With rope type longrope llama.cpp reads no rope_freqs.
    return tensor == null || type().equals("longrope") ? null : file.vector(tensor, pairs());
  }

  private Shape shape() {
    return new Shape(file, name, architecture);
  }

  private String type() {
    boolean factors = file.tensor(GgufExport.LONG) != null;
    if (factors && !architecture.equals(GgufExport.LLAMA)) {
      return "longrope";
    }
    Object type = file.value(architecture + ".rope.scaling.type");
    return type == null ? "linear" : type.toString();
  }

  /**
   * Returns a config.json with the model's shape and rotation, without {@link #frequencyFactors}.
   *
   * @throws BadInputException if the rotation is of a type that a GGUF does not wholly describe
   */
  ModelConfigText config() {
    Shape shape = shape();
    ObjectNode json = JsonNodeFactory.instance.objectNode();
    json.put("model_type", architecture);
    json.put("hidden_size", shape.count("embedding_length", null));
    json.put("num_hidden_layers", layers);
    json.put("num_attention_heads", heads);
    // Of the keys that follow the rotation and the queries do not depend.
    json.put("num_key_value_heads", heads).put("intermediate_size", 1).put("vocab_size", 1);
    int context = shape.count("context_length", null);
    json.put("max_position_embeddings", context);
    json.put("rope_theta", shape.number("rope.freq_base", 10_000));
    if (architecture.equals(LATENT)) {
      json.put("q_lora_rank", shape.count("attention.q_lora_rank", 1));
      json.put("kv_lora_rank", shape.count("attention.kv_lora_rank", 1));
      json.put("qk_rope_head_dim", rotary).put("qk_nope_head_dim", keyWidth - rotary);
      json.put("v_head_dim", shape.count("attention.value_length", keyWidth));
    } else {
      json.put("head_dim", keyWidth);
    }
    if (rotary < keyWidth && plainWidth() == 0) {
      json.put("partial_rotary_factor", Math.nextUp((double) rotary / keyWidth));
    }
    addScaling(json, shape, context);
    return new ModelConfigText(
        name, json, DecoderSpecReader.read(json, name.toString(), TensorNames.UNKNOWN));
  }

  private void addScaling(ObjectNode json, Shape shape, int context) {
    String type = type();
    if (!PLAIN.contains(type)) {
      throw BadInputException.of(
          "Cannot read the rotation of %s: %s.rope.scaling.type is %s, and the file does not"
              + " describe it wholly; give --model DIR, whose config.json is read.",
          name, architecture, type);
    }
    double factor = shape.number("rope.scaling.factor", shape.number("rope.scale_linear", 0));
    if (type.equals("longrope")) {
      ObjectNode scaling = json.putObject("rope_scaling").put("rope_type", type);
      int original = shape.count("rope.scaling.original_context_length", context);
      json.put("original_max_position_embeddings", original);
      scaling.set("long_factor", list(GgufExport.LONG));
      scaling.set("short_factor", list(GgufExport.SHORT));
      scaling.put("factor", (double) context / original);
      scaling.put("attention_factor", shape.number("rope.scaling.attn_factor", 1));
    } else if (type.equals("linear") && factor != 0 && factor != 1) {
      json.putObject("rope_scaling").put("rope_type", type).put("factor", factor);
    }
  }

  private ArrayNode list(String tensor) {
    GgufFile.Tensor found = file.tensor(tensor);
    double[] ones = new double[pairs()];
    Arrays.fill(ones, 1);
    double[] values = found == null ? ones : file.vector(found, pairs());
    ArrayNode list = JsonNodeFactory.instance.arrayNode();
    Arrays.stream(values).forEach(list::add);
    return list;
  }
}
