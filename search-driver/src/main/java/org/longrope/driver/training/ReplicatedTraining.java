package org.longrope.driver.training;

import java.util.ArrayList;
import java.util.List;
import java.util.stream.IntStream;
import org.apache.spark.api.java.JavaSparkContext;
import scala.reflect.ClassTag$;

/**
 * Data-parallel training on Spark: a barrier stage, whose tasks run at once or not at all, each
 * with a replica of the model and its part of every batch. When one fails Spark starts all of them
 * again, and they resume from the last saved state.
 */
public final class ReplicatedTraining {
  private ReplicatedTraining() {}

  /**
   * Trains on a number of executors.
   *
   * @param replicas tasks that must run at the same time
   */
  public static void run(JavaSparkContext spark, FinetuneRequest request, int replicas) {
    List<Integer> ranks = new ArrayList<>(IntStream.range(0, replicas).boxed().toList());
    spark.setJobGroup("finetune", replicas + " replicas for " + request.output(), false);
    try {
      spark
          .parallelize(ranks, replicas)
          .rdd()
          .barrier()
          .mapPartitions(new Replica(request), false, ClassTag$.MODULE$.apply(Integer.class))
          .count();
    } finally {
      spark.clearJobGroup();
    }
  }
}
