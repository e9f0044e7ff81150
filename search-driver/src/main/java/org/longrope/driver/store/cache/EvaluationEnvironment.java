package org.longrope.driver.store.cache;

import com.fasterxml.jackson.databind.node.JsonNodeFactory;
import com.fasterxml.jackson.databind.node.ObjectNode;
import java.util.List;

/**
 * What all evaluations of a run are measured with: a number measured with one instrument is only
 * then that of another if both are equal.
 *
 * @param modelHash SHA-256 of the checkpoint
 * @param attentionWindows for each layer the last keys that a query sees; 0 is all
 * @param threads of one evaluation on a CPU
 * @param programHash SHA-256 of the program that libtorch runs and of how its work is cut up
 * @param version of longrope
 * @param libtorch its version
 */
public record EvaluationEnvironment(
    String modelHash,
    List<Integer> attentionWindows,
    int threads,
    String programHash,
    String version,
    String libtorch) {
  public EvaluationEnvironment {
    attentionWindows = List.copyOf(attentionWindows);
  }

  ObjectNode toJson() {
    ObjectNode json = JsonNodeFactory.instance.objectNode();
    json.put("model_sha256", modelHash);
    attentionWindows.forEach(json.putArray("attention_windows")::add);
    json.put("threads", threads);
    json.put("program_sha256", programHash);
    json.put("longrope", version);
    json.put("libtorch", libtorch);
    return json;
  }
}
