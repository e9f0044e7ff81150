package org.longrope.driver.execution.spark;

import java.time.Duration;
import java.util.ArrayList;
import java.util.HashSet;
import java.util.List;
import java.util.Set;
import java.util.concurrent.BlockingQueue;
import java.util.concurrent.ConcurrentHashMap;
import java.util.stream.IntStream;
import org.apache.spark.SimpleFutureAction;
import org.apache.spark.SparkContext;
import org.apache.spark.api.java.JavaSparkContext;
import org.apache.spark.rdd.RDD;
import org.apache.spark.util.DoubleAccumulator;
import org.longrope.driver.execution.ModelTask;
import org.longrope.driver.execution.TaskGroup;
import org.longrope.driver.execution.TasksInProgress;
import org.longrope.driver.execution.worker.WorkerSpec;
import scala.collection.immutable.Seq;
import scala.concurrent.ExecutionContext;
import scala.jdk.javaapi.CollectionConverters;
import scala.runtime.BoxedUnit;

/** Jobs of Spark, one for each group of tasks. Their events go to a queue as they happen. */
final class SparkJobs {
  /** A task that cannot be computed fails sooner. */
  private static final Duration LONGER_THAN_A_FAILURE = Duration.ofMinutes(1);

  private static final ExecutionContext HERE = ExecutionContext.fromExecutor(Runnable::run);

  private final JavaSparkContext spark;
  private final WorkerSpec spec;
  private final BlockingQueue<Event> events;
  private final Set<SimpleFutureAction<BoxedUnit>> running = ConcurrentHashMap.newKeySet();
  private final DoubleAccumulator done;
  private final RunningTasks tasks;

  SparkJobs(JavaSparkContext spark, WorkerSpec spec, BlockingQueue<Event> events) {
    this.spark = spark;
    this.spec = spec;
    this.events = events;
    done = spark.sc().doubleAccumulator("evaluations done");
    tasks = new RunningTasks(done.id());
    spark.sc().addSparkListener(tasks);
  }

  /** Something that happened to a job. */
  sealed interface Event {}

  /** An attempt at a task has ended. */
  record Attempted(ModelTask<?> task, TaskAttempt attempt) implements Event {}

  /** Spark has given up a job; results of it that came before are valid. */
  record Failed(TaskGroup group, Throwable cause) implements Event {}

  /**
   * Starts a job. The Spark UI shows its phase and description.
   *
   * @param avoided executors that decline the tasks while there are others
   */
  void submit(TaskGroup group, Duration deadline, Set<String> avoided) {
    Set<String> declining = new HashSet<>(avoided);
    if (!declining.isEmpty() && !stopped()) {
      Set<String> others = ExecutorName.live(spark.sc());
      others.removeAll(declining);
      if (others.isEmpty()) {
        declining.clear();
      }
    }
    List<ModelTask<?>> tasks = group.tasks();
    spark.setJobGroup(group.phase(), group.phase() + " · " + group.description(), false);
    try {
      RDD<ModelTask<?>> rdd = spark.parallelize(new ArrayList<>(tasks), tasks.size()).rdd();
      List<Object> partitions =
          IntStream.range(0, tasks.size()).<Object>mapToObj(Integer::valueOf).toList();
      Seq<Object> all = CollectionConverters.asScala(partitions).toSeq();
      // Not collect(): results reach the log one by one, so that a job that dies loses none.
      SimpleFutureAction<BoxedUnit> job =
          spark
              .sc()
              .submitJob(
                  rdd,
                  new RunTask(spec, deadline.toMillis(), declining, done),
                  all,
                  (partition, attempt) -> {
                    events.add(new Attempted(tasks.get((Integer) partition), attempt));
                    return BoxedUnit.UNIT;
                  },
                  () -> BoxedUnit.UNIT);
      running.add(job);
      job.onComplete(
          result -> {
            running.remove(job);
            if (result.isFailure()) {
              events.add(new Failed(group, result.failed().get()));
            }
            return BoxedUnit.UNIT;
          },
          HERE);
    } catch (IllegalStateException e) {
      // Thrown by a stopped context; take() reports it.
      events.add(new Failed(group, e));
    } finally {
      spark.clearJobGroup();
    }
  }

  /** Returns the number of tasks that the live executors run at once. */
  int slots() {
    SparkContext context = spark.sc();
    return stopped()
        ? 0
        : context.maxNumConcurrentTasks(context.resourceProfileManager().defaultResourceProfile());
  }

  /** Tells whether a task has been running for longer than a failing one takes. */
  boolean computes() {
    return tasks.anyLongerThan(LONGER_THAN_A_FAILURE);
  }

  /** Returns the tasks that executors are computing, by their last heartbeats. */
  TasksInProgress inProgress() {
    return tasks.inProgress();
  }

  boolean stopped() {
    return spark.sc().isStopped();
  }

  void cancel() {
    spark.sc().removeSparkListener(tasks);
    running.forEach(SimpleFutureAction::cancel);
  }
}
