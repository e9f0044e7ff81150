package org.longrope.eval.decoder;

import java.io.IOException;
import java.io.InputStream;
import java.io.UncheckedIOException;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import org.jspecify.annotations.Nullable;
import org.longrope.eval.family.AttentionSpec;
import org.longrope.eval.family.AttentionSpec.HeadNorm;
import org.longrope.eval.family.AttentionSpec.Latent;
import org.longrope.eval.family.AttentionSpec.PositionScale;
import org.longrope.eval.family.DecoderSpec;
import org.longrope.eval.family.DecoderSpec.Scales;
import org.longrope.eval.family.ExpertsSpec;
import org.longrope.eval.family.LayerWeight;

/**
 * Source of the decoder program for one spec: {@code decoder.ts} with the blocks of the spec, and
 * small methods for its constants and for the places of its weights. A model pays nothing for
 * another family's pieces.
 */
final class ProgramSource {
  private static final String BLOCKS = "blocks/";

  private final DecoderSpec spec;
  private final StringBuilder source = new StringBuilder();

  private ProgramSource(DecoderSpec spec) {
    this.spec = spec;
  }

  /** Returns the program for evaluation with a file of {@code blocks} for the matrix product. */
  static String evaluation(DecoderSpec spec, String product) {
    ProgramSource program =
        new ProgramSource(spec).file("decoder.ts").block(product).block("in-place.ts");
    program.evaluationAttention();
    return program.pieces().toString();
  }

  /** Adds the attention of evaluation, and tells whether it is that of libtorch's kernels. */
  private boolean evaluationAttention() {
    AttentionSpec attention = spec.attention();
    boolean capped = attention.softCap() != null;
    block("attention-evaluation.ts");
    // libtorch's kernels have no cap, and values as wide as keys alone.
    if (capped || attention.keyWidth() != attention.valueWidth()) {
      block("attention-online.ts").block(capped ? "scores-capped.ts" : "scores.ts");
      return false;
    }
    block("attention-flash.ts");
    return true;
  }

  /**
   * Returns the program with the backward pass of an evaluation, which goes through its attention
   * by kernels, and by autograd through the rest.
   */
  static String gradient(DecoderSpec spec, String product) {
    ProgramSource program =
        new ProgramSource(spec)
            .file("decoder.ts")
            .file("gradient.ts")
            .block(product)
            .block("out-of-place.ts");
    boolean capped = spec.attention().softCap() != null;
    if (program.evaluationAttention()) {
      program.block("attention-gradient-flash.ts");
    } else {
      program
          .block("attention-gradient-online.ts")
          .block(capped ? "scores-gradient-capped.ts" : "scores-gradient.ts");
    }
    program.block(
        spec.scales().logitCap() == null ? "logits-gradient.ts" : "logits-gradient-capped.ts");
    return program.pieces().toString();
  }

  /** Returns the program with methods that autograd can go through. */
  static String training(DecoderSpec spec, String product) {
    ProgramSource program =
        new ProgramSource(spec)
            .file("decoder.ts")
            .file("training.ts")
            .block(product)
            .block("out-of-place.ts");
    boolean capped = spec.attention().softCap() != null;
    if (capped || spec.places().containsKey(LayerWeight.SINKS)) {
      program
          .block("attention-training-explicit.ts")
          .block(capped ? "scores-training-capped.ts" : "scores-training.ts");
    } else {
      program.block("attention-training.ts");
    }
    return program
        .pieces()
        .constant("attention_block", "int", Integer.toString(Chunks.POSITIONS))
        .constant("layer_weights", "int", Integer.toString(spec.programOrder(0).size()))
        .toString();
  }

  private ProgramSource pieces() {
    AttentionSpec attention = spec.attention();
    block(spec.norm().file());
    block(spec.block().file());
    block(attention.pairing().file());
    block(attention.headNorm().file());
    if (attention.latent() != null) {
      block("projections-latent.ts");
    } else if (attention.headNorm() == HeadNorm.ROTATED) {
      block("projections-normed-last.ts");
    } else {
      block("projections.ts");
    }
    block(spec.activation().file());
    block(spec.gated() ? "dense-gated.ts" : "dense-plain.ts");
    constant("norm_epsilon", spec.epsilon());
    attention(attention);
    experts(spec.experts());
    scales(spec.scales());
    weights();
    return this;
  }

  private void attention(AttentionSpec attention) {
    constant("head_count", attention.heads());
    constant("group_count", attention.keyValueHeads());
    constant("key_width", attention.keyWidth());
    constant("value_width", attention.valueWidth());
    constant("attention_scale", attention.scale());
    Latent latent = attention.latent();
    if (latent != null) {
      constant("plain_width", latent.plainWidth());
    }
    if (attention.softCap() != null) {
      constant("score_cap", attention.softCap());
    }
    block(attention.clip() == null ? "clip-none.ts" : "clip.ts");
    if (attention.clip() != null) {
      constant("clip_bound", attention.clip());
    }
    PositionScale scale = attention.positionScale();
    block(scale == null ? "query-scale-none.ts" : "query-scale.ts");
    if (scale != null) {
      constant("scale_beta", scale.beta());
      constant("scale_original", scale.original());
    }
    boolean sinks = spec.places().containsKey(LayerWeight.SINKS);
    block(sinks ? "sinks.ts" : "sinks-none.ts");
  }

  private void experts(@Nullable ExpertsSpec experts) {
    if (experts == null) {
      block("feed-forward-dense.ts");
      return;
    }
    block("feed-forward-experts.ts");
    block(experts.router().file());
    block(experts.form().file());
    block(experts.shared().file());
    constant("experts_chosen", experts.chosen());
    constant("shares_normalised", "bool", experts.normalised() ? "True" : "False");
    constant("share_scale", experts.scaling());
    constant("expert_groups", experts.groups());
    constant("kept_groups", experts.keptGroups());
    constant("router_jitter", experts.jitter());
    constant("swiglu_limit", experts.limit());
    constant("swiglu_alpha", experts.alpha());
  }

  private void scales(Scales scales) {
    block(scales.embedding() == 1 ? "embedding.ts" : "embedding-scaled.ts");
    constant("embedding_scale", scales.embedding());
    constant("residual_scale", scales.residual());
    method(
        "scale_output",
        "x: Tensor",
        "Tensor",
        scales.output() == 1 ? "x" : "x * " + number(scales.output()));
    if (scales.logitCap() != null) {
      block("logits-capped.ts");
      constant("logit_cap", scales.logitCap());
    } else {
      block(scales.logits() == 1 ? "logits.ts" : "logits-scaled.ts");
    }
    constant("logit_scale", scales.logits());
  }

  /** Writes a method for each weight, by its place in the list of a layer's weights. */
  private void weights() {
    Map<LayerWeight, Integer> places = spec.places();
    int place = 1;
    method("none", "w: List[Tensor]", "Tensor", "w[0]");
    for (LayerWeight weight : LayerWeight.values()) {
      String name = weight.name().toLowerCase(Locale.ROOT);
      int count = places.getOrDefault(weight, 0);
      if (weight.isOfExperts()) {
        String which = count == 0 ? "0" : place + " + e";
        method(name, "w: List[Tensor], e: int", "Tensor", "w[" + which + "]");
      } else if (count > 1) {
        String all = "torch.slice(w, " + place + ", " + (place + count) + ", 1)";
        method(name, "w: List[Tensor]", "Tensor", "torch.stack(" + all + ", 0)");
      } else {
        method(name, "w: List[Tensor]", "Tensor", "w[" + (count == 0 ? 0 : place) + "]");
      }
      place += count;
    }
  }

  private ProgramSource block(String name) {
    return file(BLOCKS + name);
  }

  private ProgramSource file(String name) {
    source.append(read(name)).append('\n');
    return this;
  }

  private void constant(String name, int value) {
    constant(name, "int", Integer.toString(value));
  }

  private void constant(String name, double value) {
    constant(name, "float", number(value));
  }

  private static String number(double value) {
    return Double.toString(value).replace('E', 'e');
  }

  private ProgramSource constant(String name, String type, String value) {
    method(name, "", type, value);
    return this;
  }

  private void method(String name, String parameters, String type, String value) {
    List<String> all = new ArrayList<>(List.of("self: __torch__.Decoder"));
    if (!parameters.isEmpty()) {
      all.add(parameters);
    }
    source
        .append("def ")
        .append(name)
        .append('(')
        .append(String.join(", ", all))
        .append(") -> ")
        .append(type)
        .append(":\n  return ")
        .append(value)
        .append('\n');
  }

  static String read(String resource) {
    try (InputStream stream = ProgramSource.class.getResourceAsStream(resource)) {
      if (stream == null) {
        throw new IllegalStateException(resource + " is not on the class path");
      }
      return new String(stream.readAllBytes(), StandardCharsets.UTF_8);
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
  }

  @Override
  public String toString() {
    return source.toString();
  }
}
