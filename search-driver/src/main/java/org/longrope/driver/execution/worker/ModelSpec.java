package org.longrope.driver.execution.worker;

import java.io.Serializable;
import org.longrope.driver.store.files.HadoopSettings;

/**
 * What an executor needs to have a model resident.
 *
 * @param model directory of the checkpoint: a path that every host has, or on a Hadoop file system
 * @param modelHash SHA-256 that the model must have on every host
 * @param attentionWindow config, none or a number of keys
 * @param hadoop the driver's Hadoop settings
 * @param longestWindow in tokens, that the model will be asked for
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
