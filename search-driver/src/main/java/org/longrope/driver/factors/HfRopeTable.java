package org.longrope.driver.factors;

import com.fasterxml.jackson.databind.node.JsonNodeFactory;
import com.fasterxml.jackson.databind.node.ObjectNode;
import org.longrope.eval.BadInputException;
import org.longrope.eval.rope.RopeGeometry;
import org.longrope.eval.rope.RopeScaling;

/**
 * One table of rope_parameters with every value that transformers would otherwise take from keys
 * that an export changes.
 */
final class HfRopeTable {
  private HfRopeTable() {}

  /**
   * Returns the table.
   *
   * @throws BadInputException if transformers would compute another one after an export
   */
  static ObjectNode of(RopeGeometry rope, String modelType) {
    ObjectNode table = JsonNodeFactory.instance.objectNode();
    RopeScaling scaling = rope.scaling();
    table.put("rope_type", scaling.type());
    table.put("rope_theta", rope.base());
    if (scaling instanceof RopeScaling.Linear linear) {
      table.put("factor", linear.factor());
    } else if (scaling instanceof RopeScaling.Llama3 llama) {
      table.put("factor", llama.factor());
      table.put("low_freq_factor", llama.low());
      table.put("high_freq_factor", llama.high());
      table.put("original_max_position_embeddings", llama.original());
    } else if (scaling instanceof RopeScaling.Yarn yarn) {
      table.put("factor", yarn.factor());
      table.put("beta_fast", yarn.fast());
      table.put("beta_slow", yarn.slow());
      table.put("attention_factor", yarn.attentionFactor());
      table.put("original_max_position_embeddings", yarn.original());
    } else if (scaling instanceof RopeScaling.LongRope own) {
      table.set("short_factor", FactorJson.list(own.shortFactors()));
      table.set("long_factor", FactorJson.list(own.longFactors()));
      table.put("factor", (double) own.reach() / own.original());
      table.put("attention_factor", own.longAttention());
      table.put("original_max_position_embeddings", own.original());
    } else if (!(scaling instanceof RopeScaling.Default)) {
      throw BadInputException.of(
          "Cannot export for a %s whose windowed layers have rope type %s: it follows"
              + " max_position_embeddings, which the export changes; expected default, linear,"
              + " llama3, yarn or longrope in them.",
          modelType, scaling.type());
    }
    return table;
  }
}
