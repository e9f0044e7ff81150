package org.longrope.driver.execution.worker;

import java.io.Serializable;
import org.longrope.driver.store.files.HadoopSettings;

/**
 * The model that a task needs resident; small, because it travels with every task.
 *
 * @param model directory of the checkpoint: a path that every host has, or on a Hadoop file system
 * @param modelHash SHA-256 that the model must have on every host
 * @param attentionWindow config, none or a number of keys
 * @param hadoop the driver's Hadoop settings
 * @param longestWindow that tasks will evaluate, in tokens
 * @param threads per forward pass
 */
public record ModelSpec(
    String model,
    String modelHash,
    String attentionWindow,
    HadoopSettings hadoop,
    int longestWindow,
    int threads)
    implements Serializable {}
