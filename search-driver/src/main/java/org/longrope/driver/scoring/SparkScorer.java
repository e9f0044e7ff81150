package org.longrope.driver.scoring;

import java.io.Serializable;
import java.util.ArrayList;
import java.util.List;
import java.util.function.Consumer;
import java.util.stream.IntStream;
import org.apache.spark.TaskContext;
import org.apache.spark.api.java.JavaSparkContext;
import org.apache.spark.rdd.RDD;
import scala.Function2;
import scala.collection.Iterator;
import scala.collection.immutable.Seq;
import scala.jdk.javaapi.CollectionConverters;
import scala.reflect.ClassTag$;
import scala.runtime.BoxedUnit;

/** Evaluates on Spark: one Spark task per evaluation, the model resident in each executor. */
public final class SparkScorer implements Scorer, AutoCloseable {
  private final JavaSparkContext spark;
  private final WorkerSetup setup;

  public SparkScorer(JavaSparkContext spark, WorkerSetup setup) {
    this.spark = spark;
    this.setup = setup;
  }

  @Override
  public void score(List<EvaluationTask> tasks, Consumer<Evaluation> answers) {
    if (tasks.isEmpty()) {
      return;
    }
    RDD<EvaluationTask> rdd = spark.parallelize(new ArrayList<>(tasks), tasks.size()).rdd();
    List<Object> partitions = IntStream.range(0, tasks.size()).<Object>mapToObj(i -> i).toList();
    Seq<Object> all = CollectionConverters.asScala(partitions).toSeq();
    // Not collect(): answers reach the journal one by one, so that a dying job loses none of them.
    spark
        .sc()
        .runJob(
            rdd,
            new Evaluate(setup),
            all,
            (partition, evaluation) -> {
              answers.accept(evaluation);
              return BoxedUnit.UNIT;
            },
            ClassTag$.MODULE$.apply(Evaluation.class));
  }

  /** Ends the models that this process holds, which is where local executors keep theirs. */
  @Override
  public void close() {
    EvaluationWorker.closeResident();
  }

  private record Evaluate(WorkerSetup setup)
      implements Function2<TaskContext, Iterator<EvaluationTask>, Evaluation>, Serializable {
    @Override
    public Evaluation apply(TaskContext context, Iterator<EvaluationTask> tasks) {
      // A killed task gives its device back before the forward pass is through.
      return EvaluationWorker.resident(setup).evaluate(tasks.next(), context::isInterrupted);
    }
  }
}
