package org.longrope.eval.family;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.node.ObjectNode;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.function.IntPredicate;
import java.util.stream.IntStream;
import org.longrope.eval.BadInputException;
import org.longrope.eval.StrictJson;
import org.longrope.eval.family.AttentionSpec.Latent;
import org.longrope.eval.family.AttentionSpec.PositionScale;
import org.longrope.eval.family.LayerPlans.LayerPlan;
import org.longrope.eval.family.LayerSpec.RopeUse;
import org.longrope.eval.rope.RopeGeometry;

/**
 * Reader of config.json of Hugging Face checkpoints, with the meaning that transformers 5 gives it.
 * It rejects by name every field that would change the forward pass in another family and is not
 * read for this one.
 */
public final class DecoderSpecReader {
  /** Bound far above any model, and low enough that no product of two sizes overflows. */
  static final int MOST_WIDTH = 1 << 24;

  static final int MOST_LAYERS = 1 << 12;

  private final ConfigFields config;
  private final Family family;
  private final TensorNames names;

  private DecoderSpecReader(ConfigFields config, Family family, TensorNames names) {
    this.config = config;
    this.family = family;
    this.names = names;
  }

  /**
   * Reads the decoder that a config.json describes.
   *
   * @param names of the tensors in the weight files
   * @throws BadInputException if the file is not a JSON object, a field is missing or absurd, or
   *     the model is of a kind that is not supported
   */
  public static DecoderSpec read(Path file, TensorNames names) {
    return read(
        StrictJson.readObject(file),
        file.getFileName() + " in " + file.toAbsolutePath().getParent(),
        names);
  }

  /**
   * Reads the decoder that the content of a config.json describes.
   *
   * @param where name of the file in messages
   */
  public static DecoderSpec read(ObjectNode json, String where, TensorNames names) {
    JsonNode decoder = TextConfig.of(json, where).node();
    for (String field : List.of("quantization_config", "compression_config")) {
      JsonNode compression = json.hasNonNull(field) ? json.get(field) : decoder.path(field);
      if (!compression.isMissingNode() && !compression.isNull()) {
        throw BadInputException.of(
            "The weights of %s are quantised (%s method %s): expected F32, F16 or BF16; take the"
                + " model before quantisation, or save it dequantised by transformers.",
            where, field, compression.path("quant_method"));
      }
    }
    return of(json, where, names).read();
  }

  /**
   * Reads the rotation that the content of a config.json describes, of all layers or of those with
   * full attention. The model's other fields are not read, and may be such that no decoder runs
   * them.
   *
   * @param where name of the file in messages
   * @throws BadInputException if the model_type is not supported, or a field of the rotation is
   *     missing or absurd
   */
  public static RopeGeometry readRope(ObjectNode json, String where) {
    DecoderSpecReader reader = of(json, where, TensorNames.UNKNOWN);
    int hidden = reader.config.count("hidden_size", MOST_WIDTH);
    return reader.ropeReader(reader.attention(hidden)).main().rope();
  }

  private static DecoderSpecReader of(ObjectNode json, String where, TensorNames names) {
    ConfigFields config = TextConfig.of(json, where);
    String type = config.text("model_type", "");
    // transformers reads a Mistral with layer types as a Ministral.
    boolean byType = type.equals("mistral") && config.contains("layer_types");
    Family family = Families.of(byType ? "ministral" : type);
    if (family == null) {
      throw config.bad("model_type", "one of the supported " + String.join(", ", supportedTypes()));
    }
    return new DecoderSpecReader(config, family, names);
  }

  /** Returns the model types that can be read, sorted. */
  public static List<String> supportedTypes() {
    return Families.types();
  }

  private DecoderSpec read() {
    family.ignoreFields(config);
    int hidden = family.size(config, "hidden_size", MOST_WIDTH);
    int vocabulary = family.size(config, "vocab_size", MOST_WIDTH);
    int count = family.size(config, "num_hidden_layers", MOST_LAYERS);
    AttentionSpec withoutScale = attention(hidden);
    RopeReader ropeReader = ropeReader(withoutScale);
    RopeReader.Read rope = ropeReader.main();
    AttentionSpec attention = withScale(withoutScale);
    ExpertsSpec experts = family.experts(config);
    if (experts != null && experts.chosen() > experts.count()) {
      throw config.bad("num_experts_per_tok", "at most the number of experts, " + experts.count());
    }
    IntPredicate mixed = experts == null ? layer -> false : family.expertLayers(config);
    boolean allMixed = IntStream.range(0, count).allMatch(mixed);
    int dense = !allMixed || config.has("intermediate_size") ? dense() : 0;
    List<LayerPlan> plans = family.plan.plan(config, count);
    LayerPlans.checkTypes(config, count);
    LayerWeights weights =
        new LayerWeights(config, family, names, hidden, dense, attention, experts);
    List<LayerSpec> layers = new ArrayList<>();
    for (int i = 0; i < count; i++) {
      LayerPlan plan = plans.get(i);
      layers.add(new LayerSpec(plan.window(), plan.rope(), weights.of(i, mixed.test(i))));
    }
    boolean local = plans.stream().anyMatch(plan -> plan.rope() == RopeUse.LOCAL);
    Activation activation = family.activation(config);
    DecoderSpec spec =
        new DecoderSpec(
            family.modelType,
            hidden,
            dense,
            vocabulary,
            family.norm,
            family.epsilon(config),
            family.block(config),
            attention,
            activation,
            family.gated,
            experts,
            family.scales(config),
            rope.rope(),
            local ? ropeReader.local() : null,
            rope.windowSource(),
            names.embedding(vocabulary, hidden),
            output(vocabulary, hidden),
            layers,
            names.notes(config.flag("tie_word_embeddings", family.tied)));
    ForeignFields.reject(config, family.modelType);
    names.rejectUnread(spec, config);
    return spec;
  }

  private RopeReader ropeReader(AttentionSpec attention) {
    int rotated =
        attention.latent() == null ? attention.keyWidth() : attention.latent().rotatedWidth();
    return new RopeReader(config, family, rotated);
  }

  private int dense() {
    return family.size(config, "intermediate_size", MOST_WIDTH);
  }

  private AttentionSpec attention(int hidden) {
    int heads = family.size(config, "num_attention_heads", MOST_WIDTH);
    Latent latent = family.latent ? latent() : null;
    int keyWidth;
    int valueWidth;
    int groups;
    if (latent == null) {
      keyWidth = family.headWidth(config, hidden, heads);
      valueWidth = keyWidth;
      groups = family.keyValueHeads(config, heads);
    } else {
      keyWidth = latent.plainWidth() + latent.rotatedWidth();
      int absent = family.latentValueWidth == 0 ? hidden / heads : family.latentValueWidth;
      valueWidth = config.count("v_head_dim", MOST_WIDTH, absent);
      groups = heads;
      int given =
          config.has("num_key_value_heads")
              ? config.count("num_key_value_heads", MOST_WIDTH)
              : config.contains("num_key_value_heads") ? heads : family.latentHeads;
      if (given != heads) {
        throw config.bad("num_key_value_heads", "as many as num_attention_heads, " + heads);
      }
    }
    if ((long) heads * Math.max(keyWidth, valueWidth) > MOST_WIDTH) {
      throw config.bad(
          "num_attention_heads", "heads that are together at most " + MOST_WIDTH + " wide");
    }
    return new AttentionSpec(
        heads,
        groups,
        keyWidth,
        valueWidth,
        1,
        family.softCap(config),
        family.clip(config),
        family.pairing(config),
        family.headNorm(config),
        latent,
        null);
  }

  private Latent latent() {
    boolean compressed = config.has("q_lora_rank");
    if (!compressed && !config.contains("q_lora_rank")) {
      throw config.bad("q_lora_rank", "a number, or null for queries that are not compressed");
    }
    return new Latent(
        compressed ? config.count("q_lora_rank", MOST_WIDTH) : 0,
        config.count("kv_lora_rank", MOST_WIDTH),
        config.count("qk_nope_head_dim", MOST_WIDTH),
        config.count("qk_rope_head_dim", MOST_WIDTH));
  }

  private AttentionSpec withScale(AttentionSpec plain) {
    return new AttentionSpec(
        plain.heads(),
        plain.keyValueHeads(),
        plain.keyWidth(),
        plain.valueWidth(),
        family.scoreScale(config, plain.keyWidth()),
        plain.softCap(),
        plain.clip(),
        plain.pairing(),
        plain.headNorm(),
        plain.latent(),
        family.positionScale ? positionScale() : null);
  }

  private PositionScale positionScale() {
    ConfigFields table = config.object(RopeReader.SCALING);
    if (table.node().isEmpty()) {
      table = config.object(RopeReader.PARAMETERS);
    }
    if (table.node().isEmpty()) {
      table = new ConfigFields(family.rope(), "the family's default");
    }
    String field = "original_max_position_embeddings";
    int original =
        config.has(field)
            ? config.count(field, Integer.MAX_VALUE)
            : table.has(field)
                ? table.count(field, Integer.MAX_VALUE)
                : config.count("max_position_embeddings", Integer.MAX_VALUE, family.positions);
    return new PositionScale(table.positive("llama_4_scaling_beta"), original);
  }

  private DecoderSpec.Output output(int vocabulary, int hidden) {
    boolean weighted = family.norm != Norm.LAYER_UNWEIGHTED;
    String norm = names.inner(family.lastNorm);
    boolean tied = config.flag("tie_word_embeddings", family.tied);
    return new DecoderSpec.Output(
        weighted ? TensorPart.whole(norm + ".weight", (long) hidden) : null,
        family.normBias ? TensorPart.whole(norm + ".bias", (long) hidden) : null,
        names.head(tied, vocabulary, hidden),
        family.headBias.read(config)
            ? TensorPart.whole(names.headModule() + ".bias", (long) vocabulary)
            : null);
  }
}
