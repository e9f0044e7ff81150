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
import org.longrope.driver.execution.Answer;
import org.longrope.driver.execution.EvaluationTask;
import org.longrope.driver.execution.TaskGroup;
import org.longrope.driver.execution.TasksInProgress;
import org.longrope.driver.execution.worker.WorkerSpec;
import scala.collection.immutable.Seq;
import scala.concurrent.ExecutionContext;
import scala.jdk.javaapi.CollectionConverters;
import scala.runtime.BoxedUnit;

/** Groups of tasks as jobs of Spark; what becomes of them goes to a queue as it happens. */
final class SparkJobs {
  private static final Duration LONGER_THAN_A_FAILURE = Duration.ofMinutes(1);
  private static final ExecutionContext HERE = ExecutionContext.fromExecutor(Runnable::run);

  private final JavaSparkContext spark;
  private final WorkerSpec setup;
  private final BlockingQueue<Event> events;
  private final Set<SimpleFutureAction<BoxedUnit>> running = ConcurrentHashMap.newKeySet();
  private final DoubleAccumulator done;
  private final RunningTasks tasks;

  SparkJobs(JavaSparkContext spark, WorkerSpec setup, BlockingQueue<Event> events) {
    this.spark = spark;
    this.setup = setup;
    this.events = events;
    done = spark.sc().doubleAccumulator("evaluations done");
    tasks = new RunningTasks(done.id());
    spark.sc().addSparkListener(tasks);
  }

  /** What happens to jobs. */
  sealed interface Event {}

  /** A task has come back. */
  record Answered(Answer answer) implements Event {}

  /** Spark has given up a job; answers of it that came before hold. */
  record Failed(TaskGroup group, Throwable cause) implements Event {}

  /**
   * Starts a job, of which the Spark UI shows phase and description.
   *
   * @param avoided executors that decline its tasks, as long as there are others
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
    List<EvaluationTask> tasks = group.tasks();
    spark.setJobGroup(group.phase(), group.phase() + " · " + group.description(), false);
    try {
      RDD<EvaluationTask> rdd = spark.parallelize(new ArrayList<>(tasks), tasks.size()).rdd();
      List<Object> partitions =
          IntStream.range(0, tasks.size()).<Object>mapToObj(Integer::valueOf).toList();
      Seq<Object> all = CollectionConverters.asScala(partitions).toSeq();
      // Not collect(): answers reach the journal one by one, so that a dying job loses none.
      SimpleFutureAction<BoxedUnit> job =
          spark
              .sc()
              .submitJob(
                  rdd,
                  new EvaluateTask(setup, deadline.toMillis(), declining, done),
                  all,
                  (partition, answer) -> {
                    events.add(new Answered(answer));
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
      // What a stopped context throws; the one who waits for answers tells it.
      events.add(new Failed(group, e));
    } finally {
      spark.clearJobGroup();
    }
  }

  /** How many tasks the live executors run at once. */
  int slots() {
    SparkContext context = spark.sc();
    return stopped()
        ? 0
        : context.maxNumConcurrentTasks(context.resourceProfileManager().defaultResourceProfile());
  }

  /** Whether a task has been under way for longer than one takes that cannot be done. */
  boolean evaluates() {
    return tasks.anyLongerThan(LONGER_THAN_A_FAILURE);
  }

  /** Returns the evaluations that executors are at work on, by their last heartbeats. */
  TasksInProgress underWay() {
    return tasks.underWay();
  }

  boolean stopped() {
    return spark.sc().isStopped();
  }

  void cancel() {
    spark.sc().removeSparkListener(tasks);
    running.forEach(SimpleFutureAction::cancel);
  }
}
