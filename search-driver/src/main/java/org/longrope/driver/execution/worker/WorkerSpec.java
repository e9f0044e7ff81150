package org.longrope.driver.execution.worker;

import java.io.Serializable;
import org.jspecify.annotations.Nullable;
import org.longrope.driver.store.files.HadoopSettings;

/**
 * What a worker needs to answer tasks; small, travels with every task.
 *
 * @param model directory of the checkpoint: a path that every host has, or on a Hadoop file system
 * @param modelHash SHA-256 that the model must have on every host
 * @param tokenizerHash that the model's tokenizer must have, for protocols that write prompts with
 *     it; null if there are none
 * @param attentionWindow config, none or a number of keys
 * @param partition Hadoop path of the evaluation partition
 * @param partitionHash of the partition's content, as every host must see it
 * @param hadoop the driver's Hadoop settings
 * @param longestWindow in tokens, that the worker will be asked for
 * @param threads per forward pass
 */
public record WorkerSpec(
    String model,
    String modelHash,
    @Nullable String tokenizerHash,
    String attentionWindow,
    String partition,
    String partitionHash,
    HadoopSettings hadoop,
    int longestWindow,
    int threads)
    implements Serializable {

  /** The part that says which model it is. */
  ModelSpec modelSetup() {
    return new ModelSpec(model, modelHash, attentionWindow, hadoop, longestWindow, threads);
  }
}
