package org.longrope.driver.training;

import ai.djl.Device;
import java.io.IOException;
import java.io.Serializable;
import java.util.List;
import java.util.function.Consumer;
import org.apache.hadoop.conf.Configuration;
import org.jspecify.annotations.Nullable;
import org.longrope.datasets.EvaluationPartition;
import org.longrope.driver.execution.worker.ExecutorDevices;
import org.longrope.driver.execution.worker.ModelCache;
import org.longrope.driver.execution.worker.RequiredHash;
import org.longrope.driver.factors.FactorSet;
import org.longrope.driver.store.files.FileLocation;
import org.longrope.driver.store.files.HadoopSettings;
import org.longrope.driver.store.files.WorkingCopy;
import org.longrope.eval.BadInputException;
import org.longrope.eval.checkpoint.Checkpoint;
import org.longrope.eval.checkpoint.DType;
import org.longrope.eval.decoder.Libtorch;
import org.longrope.eval.training.FactorSchedule;
import org.longrope.eval.training.Lora;
import org.longrope.eval.training.Replicas;
import org.longrope.eval.training.Trainer;
import org.longrope.eval.training.TrainingPlan;

/**
 * Fine-tuning as every process that takes part in it receives it.
 *
 * @param model directory or Hadoop path of the checkpoint, the same on every host
 * @param modelHash its SHA-256
 * @param data qualified path of the partition
 * @param dataHash its content hash
 * @param hadoop settings for reaching them
 * @param lowRank the changes that are trained; null if all weights are
 * @param factors that the finished model is read with
 * @param output a directory that every host sees, or one on a Hadoop file system
 * @param type of the finished weights
 * @param adapter whether low-rank changes are left apart from their model
 * @param checkpointEvery steps between saved states
 * @param threads of a forward and backward pass
 */
public record FinetuneRequest(
    String model,
    String modelHash,
    String data,
    String dataHash,
    HadoopSettings hadoop,
    @Nullable Lora lowRank,
    TrainingPlan plan,
    FactorSchedule schedule,
    FactorSet factors,
    String output,
    DType type,
    boolean adapter,
    int checkpointEvery,
    int threads)
    implements Serializable {
  /**
   * Trains the part of this process.
   *
   * @param device to train on
   * @param listener receives every step
   * @throws BadInputException if model or data differ on this host, or the output holds something
   *     else
   */
  public void run(Replicas replicas, Device device, Consumer<Trainer.Step> listener)
      throws IOException {
    Configuration configuration = hadoop.configuration();
    Checkpoint checkpoint = ModelCache.ofHost().open(model, modelHash, configuration);
    RequiredHash.check(model, modelHash, checkpoint.sha256());
    EvaluationPartition partition =
        EvaluationPartition.open(new org.apache.hadoop.fs.Path(data), configuration);
    RequiredHash.check(data, dataHash, partition.manifest().contentHash());
    Libtorch.useOperatorThreads(threads);
    ExecutorDevices.use(List.of(device), threads);
    Training training =
        new Training(new BaseModel.Continued(checkpoint, model), lowRank, plan, schedule, factors);
    try (WorkingCopy folder = WorkingCopy.of(FileLocation.parse(output).on(configuration))) {
      new TrainingRun(training, TrainingData.of(partition), folder)
          .run(dataHash, checkpointEvery, type, adapter, threads, replicas, device, listener);
    }
  }
}
