package org.longrope.driver.training;

import com.fasterxml.jackson.databind.node.JsonNodeFactory;
import com.fasterxml.jackson.databind.node.ObjectNode;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.LinkedHashMap;
import java.util.Map;
import org.longrope.eval.checkpoint.DType;
import org.longrope.eval.training.FloatTensor;
import org.longrope.eval.training.Lora;
import org.longrope.eval.training.StateFiles;

/** Low-rank changes without their model, in the layout of Hugging Face PEFT. */
final class Adapter {
  static final String WEIGHTS = "adapter_model.safetensors";
  static final String CONFIG = "adapter_config.json";
  private static final String PREFIX = "base_model.model.";

  private Adapter() {}

  /**
   * Writes an adapter into a directory.
   *
   * @param model name of the adapted model, without a path of this host
   * @param factors A and B by the model's names
   */
  static void write(
      Path directory, String model, Lora lowRank, Map<String, FloatTensor> factors, DType type)
      throws IOException {
    ObjectNode config = JsonNodeFactory.instance.objectNode();
    config.put("peft_type", "LORA");
    config.put("task_type", "CAUSAL_LM");
    config.put("base_model_name_or_path", model);
    config.put("r", lowRank.rank());
    config.put("lora_alpha", lowRank.alpha());
    config.put("lora_dropout", 0.0);
    config.put("bias", "none");
    config.put("fan_in_fan_out", false);
    config.put("inference_mode", true);
    lowRank.modules().forEach(config.putArray("target_modules")::add);
    Files.writeString(directory.resolve(CONFIG), config.toPrettyString() + "\n");
    Map<String, FloatTensor> named = new LinkedHashMap<>();
    factors.forEach((name, values) -> named.put(PREFIX + name, values));
    StateFiles.saveModel(directory.resolve(WEIGHTS), named, type);
  }
}
