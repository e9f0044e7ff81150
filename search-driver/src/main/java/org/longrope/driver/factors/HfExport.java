package org.longrope.driver.factors;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.node.JsonNodeFactory;
import com.fasterxml.jackson.databind.node.ObjectNode;
import java.util.Set;
import java.util.function.Consumer;
import org.longrope.eval.BadInputException;
import org.longrope.eval.family.AttentionSpec;
import org.longrope.eval.family.DecoderSpec;
import org.longrope.eval.rope.RopeScaling;

/**
 * A model's config.json with factors, for transformers 4 and 5 and the engines that read it. The
 * model's own rope type is part of the factors, and no key of it remains.
 */
final class HfExport {
  private static final String PHI3 = "phi3";

  /** Families for which transformers reads the rotated part of a head at every rope type. */
  private static final Set<String> PARTIAL =
      Set.of("phi", PHI3, "glm", "glm4", "stablelm", "nemotron");

  /** Families whose windowed layers have a table of their own. */
  private static final Set<String> TWO_TABLES = Set.of("gemma3_text", "olmo3");

  private final DecoderSpec spec;
  private final EngineFactors factors;
  private final Consumer<String> warnings;

  private HfExport(DecoderSpec spec, EngineFactors factors, Consumer<String> warnings) {
    this.spec = spec;
    this.factors = factors;
    this.warnings = warnings;
  }

  /**
   * Returns a copy of config.json with the factors; other keys are kept.
   *
   * @throws BadInputException if transformers could not compute them for the model
   */
  static ObjectNode extended(
      ModelConfigText config, EngineFactors factors, Consumer<String> warnings) {
    ObjectNode json = config.json().deepCopy();
    ObjectNode decoder = ModelConfigText.decoder(json);
    new HfExport(config.spec(), factors, warnings).write(decoder);
    json.set("longrope", FactorJson.own(factors.sets()));
    JsonNode folder = json.path("_name_or_path");
    if (!Provenance.withoutFolder(folder.asText()).equals(folder.asText())) {
      json.remove("_name_or_path");
    }
    return json;
  }

  private void write(ObjectNode decoder) {
    requireWholeHeads();
    ObjectNode scaling = scaling();
    ObjectNode parameters = JsonNodeFactory.instance.objectNode();
    rotation("rope_theta", spec.rope().base(), decoder, parameters);
    int rotated = spec.rope().rotaryDimension();
    if (PARTIAL.contains(spec.modelType())) {
      rotation("partial_rotary_factor", partial(rotated, headWidth()), decoder, parameters);
    }
    parameters.setAll(scaling);
    decoder.set("rope_scaling", spec.modelType().equals(PHI3) ? phi3(scaling) : scaling);
    decoder.set(
        "rope_parameters", TWO_TABLES.contains(spec.modelType()) ? nested(parameters) : parameters);
    if (spec.attention().latent() == null) {
      // Version 4 gives an absent head_dim of a Mistral the value None, and fails on it.
      decoder.put("head_dim", headWidth());
    }
    new HfAttentionWindow(spec, factors.sets(), warnings).write(decoder);
    decoder.put("max_position_embeddings", factors.targetLength());
    decoder.put("original_max_position_embeddings", factors.originalWindow());
    if (spec.modelType().equals("gemma3_text") && spec.localRope() != null) {
      decoder.put("rope_local_base_freq", spec.localRope().base());
    }
  }

  /** Writes a value that version 5 looks for inside, and at the top where rope_scaling wins. */
  private static void rotation(
      String key, double value, ObjectNode decoder, ObjectNode parameters) {
    JsonNode before = decoder.path(key);
    if (!(before.isNumber() && before.asDouble() == value)) {
      decoder.put(key, value);
    }
    parameters.set(key, decoder.get(key));
  }

  private int headWidth() {
    return spec.attention().keyWidth();
  }

  /** Returns the part of a head that is rotated: width times it, rounded down, is rotated. */
  private static double partial(int rotated, int width) {
    double part = (double) rotated / width;
    return (int) (width * part) == rotated ? part : Math.nextUp(part);
  }

  private ObjectNode scaling() {
    ObjectNode full = FactorJson.ropeScaling(factors.longest());
    full.remove("longrope");
    full.set("short_factor", FactorJson.list(factors.shortFactors()));
    full.put("factor", factors.extensionRatio());
    full.put("original_max_position_embeddings", factors.originalWindow());
    if (!factors.isSu() || spec.modelType().equals(HfLimits.PHI_EXPERTS)) {
      // vLLM and SGLang pass over attention_factor and compute su, unless these say otherwise, and
      // transformers' phimoe knows these alone; transformers only warns of unknown keys.
      full.put("short_mscale", factors.shortAttention());
      full.put("long_mscale", factors.longAttention());
    }
    scoreScale(full);
    AttentionSpec.PositionScale growth = spec.attention().positionScale();
    if (growth != null) {
      full.put("llama_4_scaling_beta", growth.beta());
    }
    return full;
  }

  /**
   * Keeps the factor on the scores that latent attention has for a rope type other than default:
   * (0.1 · mscale_all_dim · ln factor + 1)², with the factor that is written.
   */
  private void scoreScale(ObjectNode full) {
    AttentionSpec attention = spec.attention();
    if (attention.latent() == null) {
      return;
    }
    double magnitude = Math.sqrt(attention.scale() * Math.sqrt(attention.keyWidth()));
    if (Math.abs(magnitude - 1) < 1e-12) {
      return;
    }
    double ratio = factors.extensionRatio();
    if (!(ratio > 1)) {
      throw BadInputException.of(
          "Cannot export for a %s whose scores have a factor of %.4f (mscale_all_dim): transformers"
              + " computes it from an extension ratio above 1, and that of %s is %s; expected"
              + " factors for more than %d tokens.",
          spec.modelType(),
          magnitude * magnitude,
          factors.sets().name(),
          ratio,
          factors.originalWindow());
    }
    full.put("mscale_all_dim", (magnitude - 1) / (0.1 * StrictMath.log(ratio)));
  }

  private ObjectNode nested(ObjectNode full) {
    ObjectNode tables = JsonNodeFactory.instance.objectNode();
    tables.set("full_attention", full);
    if (spec.localRope() != null) {
      tables.set("sliding_attention", HfRopeTable.of(spec.localRope(), spec.modelType()));
      if (spec.localRope().scaling() instanceof RopeScaling.Yarn yarn) {
        // transformers looks for it beside the tables.
        tables.put("truncate", yarn.truncate());
      }
      boolean sameBase =
          spec.modelType().equals("gemma3_text") || spec.localRope().base() == spec.rope().base();
      if (!(sameBase && spec.localRope().scaling() instanceof RopeScaling.Default)) {
        warnings.accept(
            "transformers 4 has no field for the windowed layers' own table of a "
                + spec.modelType()
                + ": read the written directory with version 5.");
      }
    }
    return tables;
  }

  /** Rejects heads for which transformers' check of the lists' length takes another number. */
  private void requireWholeHeads() {
    int divided = spec.hiddenSize() / spec.attention().heads();
    if (spec.modelType().equals(PHI3) && divided != headWidth()) {
      throw BadInputException.of(
          "Cannot export for a phi3 with head_dim %d: transformers accepts longrope factors of a"
              + " phi3 for hidden_size / num_attention_heads alone, which is %d.",
          headWidth(), divided);
    }
  }

  /**
   * Returns the keys for Phi-3. Its check in version 4 rejects any other than these three; version
   * 5 takes these alone too, if they are there, and computes su.
   */
  private ObjectNode phi3(ObjectNode scaling) {
    // Texts within the window get the same: transformers has one attention factor.
    if (!EngineFactors.same(factors.longAttention(), factors.su())) {
      warnings.accept(
          String.format(
              "transformers 4 rejects the written file, because rope_scaling of a phi3 has no field"
                  + " for the attention factor there, and su would be %s instead of %s: read it"
                  + " with version 5.",
              factors.su(), factors.longAttention()));
      return scaling;
    }
    ObjectNode rope = JsonNodeFactory.instance.objectNode();
    rope.put("type", "longrope");
    rope.set("short_factor", FactorJson.list(factors.shortFactors()));
    rope.set("long_factor", FactorJson.list(factors.longest().factors()));
    return rope;
  }
}
