package org.longrope.driver.doctor;

import java.io.Serializable;
import org.apache.spark.SparkEnv;
import org.apache.spark.TaskContext;
import org.longrope.driver.execution.worker.Gpus;
import org.longrope.driver.execution.worker.HostReport;
import scala.Function1;
import scala.collection.Iterator;

/**
 * A check of the executor that the task runs on, with the GPUs that Spark assigns to the task.
 *
 * @param holdMs how long a task occupies its slot, so that the others run on other executors
 */
record CheckTask(long holdMs) implements Function1<Iterator<Integer>, HostReport>, Serializable {
  @Override
  public HostReport apply(Iterator<Integer> ignored) {
    Gpus gpus = Gpus.of(TaskContext.get().resourcesJMap());
    HostReport report = HostCheck.executor(SparkEnv.get().executorId(), gpus::devices);
    try {
      Thread.sleep(holdMs);
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
    }
    return report;
  }
}
