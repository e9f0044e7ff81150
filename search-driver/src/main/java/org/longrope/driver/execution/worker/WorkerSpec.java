package org.longrope.driver.execution.worker;

import java.io.Serializable;
import org.jspecify.annotations.Nullable;

/**
 * Everything that tasks need on a worker, by content; small, because it travels with every task.
 *
 * @param tokenizerHash SHA-256 that the model's tokenizer must have, for tasks that write prompts;
 *     null for other tasks
 * @param documents that tasks name; null if they name none
 */
public record WorkerSpec(
    ModelSpec model, @Nullable String tokenizerHash, @Nullable TaskDocuments documents)
    implements Serializable {}
