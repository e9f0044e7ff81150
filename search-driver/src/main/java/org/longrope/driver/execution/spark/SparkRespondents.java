package org.longrope.driver.execution.spark;

import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.BlockingQueue;
import java.util.concurrent.LinkedBlockingQueue;
import java.util.concurrent.TimeUnit;
import java.util.stream.IntStream;
import org.apache.spark.SimpleFutureAction;
import org.apache.spark.SparkContext;
import org.apache.spark.api.java.JavaSparkContext;
import org.apache.spark.rdd.RDD;
import org.jspecify.annotations.Nullable;
import org.longrope.driver.execution.ExecutionFailure;
import org.longrope.driver.execution.ExecutorListener;
import org.longrope.driver.execution.Inquiry;
import org.longrope.driver.execution.Reply;
import org.longrope.driver.execution.Respondents;
import org.longrope.driver.execution.worker.ModelSpec;
import org.longrope.driver.execution.worker.ResidentModels;
import org.longrope.eval.BadInputException;
import scala.collection.immutable.Seq;
import scala.concurrent.ExecutionContext;
import scala.jdk.javaapi.CollectionConverters;
import scala.runtime.BoxedUnit;

/**
 * Executors of Spark, each with the model resident: a job for all questions, a task for each. A
 * task that fails is tried again by Spark (spark.task.maxFailures), elsewhere where it can.
 */
public final class SparkRespondents implements Respondents {
  private static final ExecutionContext HERE = ExecutionContext.fromExecutor(Runnable::run);
  private static final Duration LOOK = Duration.ofSeconds(1);

  /** With a cluster that has no executor. */
  private static final Duration PATIENCE = Duration.ofMinutes(10);

  private final JavaSparkContext spark;
  private final ModelSpec setup;

  /**
   * @param spark ended with this
   * @param listener told what becomes of executors that are processes of their own
   */
  public SparkRespondents(JavaSparkContext spark, ModelSpec setup, ExecutorListener listener) {
    this.spark = spark;
    this.setup = setup;
    if (!spark.isLocal()) {
      spark.sc().addSparkListener(new ExecutorWatch(listener));
    }
  }

  /** What happens to the job, in the order in which it does. */
  private sealed interface Event<A> {
    record Replied<A>(int index, Reply<A> reply) implements Event<A> {}

    record Failed<A>(Throwable cause) implements Event<A> {}
  }

  @Override
  public <Q, A> void ask(Inquiry<Q, A> inquiry, List<Q> questions, Listener<A> listener) {
    if (questions.isEmpty()) {
      return;
    }
    BlockingQueue<Event<A>> events = new LinkedBlockingQueue<>();
    SimpleFutureAction<BoxedUnit> job = submit(inquiry, questions, events);
    long lastExecutor = System.nanoTime();
    int open = questions.size();
    while (open > 0) {
      Event<A> event = next(events);
      if (event instanceof Event.Failed<A> failed) {
        throw failure(failed.cause());
      } else if (event instanceof Event.Replied<A> replied) {
        listener.answered(replied.index(), replied.reply());
        open--;
      } else if (slots() > 0) {
        lastExecutor = System.nanoTime();
      } else if (System.nanoTime() - lastExecutor > PATIENCE.toNanos()) {
        job.cancel();
        throw new ExecutionFailure(
            "No executor has been there for "
                + PATIENCE.toMinutes()
                + " min: expected the cluster to replace them; ask again when it has some.");
      }
    }
  }

  private <Q, A> SimpleFutureAction<BoxedUnit> submit(
      Inquiry<Q, A> inquiry, List<Q> questions, BlockingQueue<Event<A>> events) {
    RDD<Q> rdd = spark.parallelize(new ArrayList<>(questions), questions.size()).rdd();
    List<Object> partitions =
        IntStream.range(0, questions.size()).<Object>mapToObj(Integer::valueOf).toList();
    Seq<Object> all = CollectionConverters.asScala(partitions).toSeq();
    // Not collect(): answers are kept one by one, so that a dying job loses none.
    SimpleFutureAction<BoxedUnit> job =
        spark
            .sc()
            .submitJob(
                rdd,
                new AskTask<>(setup, inquiry),
                all,
                (index, reply) -> {
                  events.add(new Event.Replied<>((Integer) index, reply));
                  return BoxedUnit.UNIT;
                },
                () -> BoxedUnit.UNIT);
    job.onComplete(
        result -> {
          if (result.isFailure()) {
            events.add(new Event.Failed<>(result.failed().get()));
          }
          return BoxedUnit.UNIT;
        },
        HERE);
    return job;
  }

  private static <A> @Nullable Event<A> next(BlockingQueue<Event<A>> events) {
    try {
      return events.poll(LOOK.toMillis(), TimeUnit.MILLISECONDS);
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
      throw new ExecutionFailure("The driver was interrupted");
    }
  }

  /** What no executor could do for want of a usable model is bad input, however Spark tells it. */
  private RuntimeException failure(Throwable failure) {
    if (spark.sc().isStopped()) {
      return new ExecutionFailure(
          "Spark has ended the application: its master is gone or has removed it; ask again when"
              + " the cluster is well.");
    }
    String input = SparkFailure.message(failure, BadInputException.class);
    return input == null
        ? new ExecutionFailure(SparkFailure.reason(failure))
        : new BadInputException(input, failure);
  }

  private int slots() {
    SparkContext context = spark.sc();
    return context.isStopped()
        ? 0
        : context.maxNumConcurrentTasks(context.resourceProfileManager().defaultResourceProfile());
  }

  /** Ends Spark, and the models of local executors, which are in this process. */
  @Override
  public void close() {
    spark.close();
    ResidentModels.close();
  }
}
