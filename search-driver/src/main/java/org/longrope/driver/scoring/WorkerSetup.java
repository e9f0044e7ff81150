package org.longrope.driver.scoring;

import java.io.Serializable;
import java.util.Map;

/**
 * What a worker needs to answer tasks; small, travels with every task.
 *
 * @param model directory of the checkpoint, the same path on every host
 * @param attentionWindow config, none or a number of keys
 * @param partition Hadoop path of the evaluation partition
 * @param hadoop the driver's Hadoop settings
 * @param threads per forward pass
 */
public record WorkerSetup(
    String model, String attentionWindow, String partition, Map<String, String> hadoop, int threads)
    implements Serializable {}
