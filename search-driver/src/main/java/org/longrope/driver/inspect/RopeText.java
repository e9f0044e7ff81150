package org.longrope.driver.inspect;

import com.fasterxml.jackson.databind.node.JsonNodeFactory;
import com.fasterxml.jackson.databind.node.ObjectNode;
import java.util.Collections;
import java.util.List;
import java.util.Locale;
import org.longrope.driver.report.table.Numbers;
import org.longrope.eval.rope.RescaleFactors;
import org.longrope.eval.rope.RopeGeometry;
import org.longrope.eval.rope.RopeScaling;

/** Descriptions of a model's own rotation. */
final class RopeText {
  private RopeText() {}

  /** Describes the type of the base table with its numbers. */
  static String scaling(RopeScaling scaling) {
    if (scaling instanceof RopeScaling.Linear linear) {
      return "linear: factor " + Words.number(linear.factor());
    } else if (scaling instanceof RopeScaling.Dynamic dynamic) {
      return "dynamic: factor "
          + Words.number(dynamic.factor())
          + " beyond "
          + Numbers.count(dynamic.window())
          + " tokens";
    } else if (scaling instanceof RopeScaling.Alpha alpha) {
      return "dynamic: alpha " + Words.number(alpha.alpha()) + " at every length";
    } else if (scaling instanceof RopeScaling.Llama3 llama) {
      return "llama3: factor "
          + Words.number(llama.factor())
          + ", low_freq_factor "
          + Words.number(llama.low())
          + ", high_freq_factor "
          + Words.number(llama.high())
          + ", original "
          + Numbers.count(llama.original());
    } else if (scaling instanceof RopeScaling.Yarn yarn) {
      return "yarn: factor "
          + Words.number(yarn.factor())
          + ", beta_fast "
          + Words.number(yarn.fast())
          + ", beta_slow "
          + Words.number(yarn.slow())
          + (yarn.truncate() ? "" : ", not truncated")
          + ", original "
          + Numbers.count(yarn.original());
    } else if (scaling instanceof RopeScaling.LongRope own) {
      return "longrope: factors "
          + range(own.shortFactors())
          + " up to "
          + Numbers.count(own.original())
          + " tokens, "
          + range(own.longFactors())
          + " beyond";
    }
    return "default";
  }

  /** Describes the factor on cos and sin that the model has by itself. */
  static String attentionFactor(RopeScaling scaling) {
    if (scaling instanceof RopeScaling.LongRope own) {
      String within = Words.number(own.shortAttention());
      String beyond = Words.number(own.longAttention());
      return within.equals(beyond) ? within : within + ", and " + beyond + " beyond";
    }
    return Words.number(scaling.attentionFactor());
  }

  private static String range(RescaleFactors factors) {
    List<Double> values = factors.toList();
    return String.format(
        Locale.ROOT, "%.2f to %.2f", Collections.min(values), Collections.max(values));
  }

  static ObjectNode json(RopeGeometry rope) {
    ObjectNode json = JsonNodeFactory.instance.objectNode();
    json.put("rotated_dimensions", rope.rotaryDimension());
    json.put("base", rope.base());
    RopeScaling scaling = rope.scaling();
    json.put("type", scaling.type());
    if (scaling instanceof RopeScaling.Linear linear) {
      json.put("factor", linear.factor());
    } else if (scaling instanceof RopeScaling.Dynamic dynamic) {
      json.put("factor", dynamic.factor()).put("window", dynamic.window());
    } else if (scaling instanceof RopeScaling.Alpha alpha) {
      json.put("alpha", alpha.alpha());
    } else if (scaling instanceof RopeScaling.Llama3 llama) {
      json.put("factor", llama.factor());
      json.put("low_freq_factor", llama.low());
      json.put("high_freq_factor", llama.high());
      json.put("original_max_position_embeddings", llama.original());
    } else if (scaling instanceof RopeScaling.Yarn yarn) {
      json.put("factor", yarn.factor());
      json.put("beta_fast", yarn.fast()).put("beta_slow", yarn.slow());
      json.put("truncate", yarn.truncate());
      json.put("original_max_position_embeddings", yarn.original());
    }
    if (scaling instanceof RopeScaling.LongRope own) {
      own.shortFactors().toList().forEach(json.putArray("short_factor")::add);
      own.longFactors().toList().forEach(json.putArray("long_factor")::add);
      json.put("original_max_position_embeddings", own.original());
      json.put("max_position_embeddings", own.reach());
      json.put("short_attention_factor", own.shortAttention());
      json.put("long_attention_factor", own.longAttention());
    } else {
      json.put("attention_factor", scaling.attentionFactor());
    }
    return json;
  }
}
