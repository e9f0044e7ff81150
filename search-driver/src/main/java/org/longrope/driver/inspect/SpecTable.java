package org.longrope.driver.inspect;

import java.util.EnumMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.StringJoiner;
import org.jspecify.annotations.Nullable;
import org.longrope.driver.report.table.Column;
import org.longrope.driver.report.table.Numbers;
import org.longrope.driver.report.table.Table;
import org.longrope.eval.checkpoint.DType;
import org.longrope.eval.decoder.EvaluationCost;
import org.longrope.eval.family.AttentionSpec;
import org.longrope.eval.family.AttentionSpec.HeadNorm;
import org.longrope.eval.family.DecoderSpec;
import org.longrope.eval.family.ExpertsSpec;
import org.longrope.eval.family.LayerSpec;
import org.longrope.eval.family.LayerWeight;
import org.longrope.eval.rope.RopeGeometry;

/**
 * Table of a model's properties. A property that most models do not have has a row if it is there.
 */
final class SpecTable {
  private static final Map<LayerWeight, String> BIASES = new EnumMap<>(LayerWeight.class);

  static {
    BIASES.put(LayerWeight.BQ, "queries");
    BIASES.put(LayerWeight.BK, "keys");
    BIASES.put(LayerWeight.BV, "values");
    BIASES.put(LayerWeight.BO, "attention's output");
    BIASES.put(LayerWeight.GATE_BIAS, "gate");
    BIASES.put(LayerWeight.UP_BIAS, "up");
    BIASES.put(LayerWeight.DOWN_BIAS, "down");
    BIASES.put(LayerWeight.ROUTER_BIAS, "router");
    BIASES.put(LayerWeight.EXPERT_GATE_UP_BIAS, "experts");
  }

  private final DecoderSpec spec;
  private final @Nullable String stored;
  private final ModelSizes sizes;
  private final Table table = new Table(Column.text("property"), Column.text("value"));

  SpecTable(DecoderSpec spec, @Nullable String stored) {
    this.spec = spec;
    this.stored = stored;
    sizes = ModelSizes.of(spec);
  }

  Table table() {
    row("family", spec.modelType());
    row("parameters", parameters());
    layers();
    row("hidden size", Numbers.count(spec.hiddenSize()));
    row(
        "norms",
        Words.of(spec.norm())
            + ", "
            + Words.of(spec.block())
            + ", epsilon "
            + Words.number(spec.epsilon()));
    attention(spec.attention());
    feedForward();
    biases();
    scales(spec.scales());
    row(
        "vocabulary",
        Numbers.count(spec.vocabularySize())
            + (spec.tiedEmbeddings()
                ? " tokens, output head is the embedding"
                : " tokens, output head of its own"));
    rope();
    memory();
    return table;
  }

  private void row(String name, String value) {
    table.add(name, value);
  }

  private String parameters() {
    String all = Numbers.count(sizes.parameters());
    return spec.experts() == null
        ? all
        : all + ", of which a token uses " + Numbers.count(sizes.active());
  }

  private void layers() {
    Map<LayerKind, List<Integer>> kinds = LayerKind.of(spec);
    boolean mixed = kinds.keySet().stream().map(LayerKind::experts).distinct().count() > 1;
    StringJoiner text = new StringJoiner("; ");
    kinds.forEach((kind, layers) -> text.add(layers.size() + " " + kind.text(mixed)));
    row("layers", text.toString());
  }

  private void attention(AttentionSpec attention) {
    row(
        "attention",
        Numbers.counted(attention.heads(), "head")
            + " of "
            + attention.keyWidth()
            + (attention.valueWidth() == attention.keyWidth()
                ? ""
                : " (values of " + attention.valueWidth() + ")")
            + ", "
            + Numbers.counted(attention.keyValueHeads(), "key-value head"));
    if (attention.latent() != null) {
      AttentionSpec.Latent latent = attention.latent();
      row(
          "latent attention",
          (latent.queryRank() == 0 ? "queries not compressed" : "queries " + latent.queryRank())
              + ", keys and values "
              + latent.keyValueRank()
              + "; of a head "
              + latent.plainWidth()
              + " plain and "
              + latent.rotatedWidth()
              + " rotated");
    }
    if (attention.headNorm() != HeadNorm.NONE) {
      row("query and key norms", Words.of(attention.headNorm()));
    }
    if (Math.abs(attention.scale() * Math.sqrt(attention.keyWidth()) - 1) > 1e-12) {
      row("score scale", Words.number(attention.scale()));
    }
    optional("score cap", attention.softCap());
    optional("projection clip", attention.clip());
    if (!spec.layers().get(0).parts(LayerWeight.SINKS).isEmpty()) {
      row("sinks", "one number for each head");
    }
    if (attention.positionScale() != null) {
      row(
          "query scale",
          "1 + "
              + Words.number(attention.positionScale().beta())
              + " ln(1 + floor(position / "
              + Numbers.count(attention.positionScale().original())
              + "))");
    }
  }

  private void optional(String name, @Nullable Double value) {
    if (value != null) {
      row(name, Words.number(value));
    }
  }

  private void feedForward() {
    String form = (spec.gated() ? "gated, " : "") + Words.of(spec.activation());
    ExpertsSpec experts = spec.experts();
    if (experts == null || spec.layers().stream().anyMatch(layer -> !layer.hasExperts())) {
      row("feed-forward", Numbers.count(spec.intermediateSize()) + ", " + form);
    }
    if (experts == null) {
      return;
    }
    row(
        "experts",
        Numbers.count(experts.count())
            + " of "
            + Numbers.count(experts.width())
            + ", "
            + experts.chosen()
            + " for a token; "
            + (experts.form() == ExpertsSpec.Form.CLAMPED ? "clamped gate" : form));
    row(
        "router",
        Words.of(experts.router())
            + (experts.groups() == 1
                ? ""
                : " (" + experts.keptGroups() + " of " + experts.groups() + ")")
            + (dividesShares(experts) ? ", shares divided by their sum" : "")
            + (experts.scaling() == 1 ? "" : ", times " + Words.number(experts.scaling())));
    if (experts.shared() != ExpertsSpec.Shared.NONE) {
      row(
          "shared expert",
          Numbers.count(experts.sharedWidth())
              + (experts.shared() == ExpertsSpec.Shared.GATED ? ", with a gate of its own" : ""));
    }
  }

  private static boolean dividesShares(ExpertsSpec experts) {
    return experts.normalised()
        && (experts.router() == ExpertsSpec.Router.SOFTMAX_FIRST
            || experts.router() == ExpertsSpec.Router.SIGMOID_GROUPS);
  }

  private void biases() {
    StringJoiner text = new StringJoiner(", ");
    text.setEmptyValue("");
    BIASES.forEach(
        (weight, name) -> {
          if (spec.layers().stream().anyMatch(layer -> has(layer, weight))) {
            text.add(name);
          }
        });
    if (spec.output().headBias() != null) {
      text.add("output head");
    }
    if (text.length() > 0) {
      row("biases", text.toString());
    }
  }

  private static boolean has(LayerSpec layer, LayerWeight weight) {
    return !layer.parts(weight).isEmpty();
  }

  private void scales(DecoderSpec.Scales scales) {
    StringJoiner text = new StringJoiner(", ");
    text.setEmptyValue("");
    add(text, "embedding", scales.embedding());
    add(text, "each layer's parts", scales.residual());
    add(text, "last norm's output", scales.output());
    add(text, "logits", scales.logits());
    if (text.length() > 0) {
      row("scales", text.toString());
    }
    optional("logit cap", scales.logitCap());
  }

  private static void add(StringJoiner text, String name, double scale) {
    if (scale != 1) {
      text.add(name + " times " + Words.number(scale));
    }
  }

  private void rope() {
    RopeGeometry rope = spec.rope();
    row(
        "RoPE",
        rope.rotaryDimension()
            + " of "
            + spec.attention().keyWidth()
            + " dimensions ("
            + Words.of(spec.attention().pairing())
            + "), base "
            + Words.number(rope.base()));
    row("RoPE type", RopeText.scaling(rope.scaling()));
    String own = RopeText.attentionFactor(rope.scaling());
    row(
        "attention factor",
        spec.attentionFactorMatters()
            ? own + " (the model's own)"
            : own + " (the model's own); none matters, because norms after RoPE divide it out");
    if (spec.localRope() != null) {
      row(
          "local RoPE",
          "base "
              + Words.number(spec.localRope().base())
              + ", "
              + RopeText.scaling(spec.localRope().scaling())
              + "; rescale factors leave it");
    }
    row(
        "original window",
        Numbers.count(rope.originalWindow()) + " tokens, by " + spec.originalWindowSource());
  }

  private void memory() {
    row(
        "weights",
        Words.bytes(sizes.weightBytes(DType.BF16))
            + " in bf16, "
            + Words.bytes(sizes.weightBytes(DType.F32))
            + " in f32"
            + (stored == null ? "" : "; stored in " + stored.toLowerCase(Locale.ROOT)));
    row(
        "keys and values",
        Words.bytes(sizes.cacheBytes(DType.BF16))
            + " in bf16, "
            + Words.bytes(sizes.cacheBytes(DType.F32))
            + " in f32 for "
            + Numbers.count(ModelSizes.CACHED_TOKENS)
            + " tokens in all layers");
    EvaluationCost gpu = sizes.gpuPass();
    row(
        "one pass",
        Numbers.count(gpu.length())
            + " tokens: "
            + Words.flop(gpu.flop())
            + "; beside the weights "
            + Words.bytes(gpu.passBytes())
            + " in bf16 on a GPU, "
            + Words.bytes(sizes.cpuPass().passBytes())
            + " in f32 on a CPU");
  }
}
