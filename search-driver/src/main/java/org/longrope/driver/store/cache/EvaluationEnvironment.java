package org.longrope.driver.store.cache;

import com.fasterxml.jackson.databind.node.JsonNodeFactory;
import com.fasterxml.jackson.databind.node.ObjectNode;
import java.util.List;
import org.longrope.eval.checkpoint.Checkpoint;
import org.longrope.eval.decoder.AttentionWindow;
import org.longrope.eval.decoder.DecoderProgram;

/**
 * Everything that all results of a run depend on, besides the hardware: results of different
 * environments are not comparable.
 *
 * @param modelHash SHA-256 of the checkpoint
 * @param attentionWindows for each layer the number of last keys that a query sees; 0 is all
 * @param programHash SHA-256 of the program that libtorch runs
 * @param version of longrope
 * @param libtorch its version
 */
public record EvaluationEnvironment(
    String modelHash,
    List<Integer> attentionWindows,
    String programHash,
    String version,
    String libtorch) {
  public EvaluationEnvironment {
    attentionWindows = List.copyOf(attentionWindows);
  }

  /**
   * Makes the environment of a model on this version.
   *
   * @param version of longrope
   * @param libtorch its version
   */
  public static EvaluationEnvironment of(
      Checkpoint checkpoint, AttentionWindow window, String version, String libtorch) {
    return new EvaluationEnvironment(
        checkpoint.sha256(),
        window.windows(checkpoint.config()),
        DecoderProgram.gradientSha256(checkpoint.config()),
        version,
        libtorch);
  }

  ObjectNode toJson() {
    ObjectNode json = JsonNodeFactory.instance.objectNode();
    json.put("model_sha256", modelHash);
    attentionWindows.forEach(json.putArray("attention_windows")::add);
    json.put("program_sha256", programHash);
    json.put("longrope", version);
    json.put("libtorch", libtorch);
    return json;
  }
}
