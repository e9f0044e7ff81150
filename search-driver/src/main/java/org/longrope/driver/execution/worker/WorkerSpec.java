package org.longrope.driver.execution.worker;

import java.io.Serializable;
import org.jspecify.annotations.Nullable;

/**
 * The inputs of evaluation tasks by content; small, because it travels with every task.
 *
 * @param tokenizerHash that the model's tokenizer must have, for protocols that write prompts with
 *     it; null if there are none
 * @param partition Hadoop path of the evaluation partition
 * @param partitionHash of the partition's content, as every host must see it
 */
public record WorkerSpec(
    ModelSpec model, @Nullable String tokenizerHash, String partition, String partitionHash)
    implements Serializable {}
