package org.longrope.datasets;

import java.io.Serializable;
import java.util.ArrayList;
import java.util.List;
import java.util.TreeMap;
import java.util.UUID;
import java.util.concurrent.atomic.AtomicReference;
import java.util.function.Consumer;
import org.apache.spark.api.java.JavaRDD;
import org.apache.spark.api.java.JavaSparkContext;
import org.jspecify.annotations.Nullable;
import org.longrope.eval.BadInputException;
import scala.Function1;
import scala.Function2;
import scala.collection.Iterator;
import scala.reflect.ClassTag;
import scala.reflect.ClassTag$;
import scala.runtime.BoxedUnit;

/** Jobs whose tasks return one {@link TaskResult} each. */
final class SparkTasks {
  private SparkTasks() {}

  /**
   * Returns the tasks' values in the order of their partitions. Spark's Java interface gives
   * results only when a job is over; its Scala one as they come, which is what progress needs.
   *
   * @param done is called on the driver as each task ends
   * @throws BadInputException if a task met bad input; the others are cancelled
   */
  static <T> List<T> run(
      JavaSparkContext context, String what, JavaRDD<TaskResult<T>> tasks, Consumer<T> done) {
    TreeMap<Integer, T> values = new TreeMap<>();
    Function1<Iterator<TaskResult<T>>, TaskResult<T>> only =
        (Function1<Iterator<TaskResult<T>>, TaskResult<T>> & Serializable) Iterator::next;
    String group = "longrope-" + UUID.randomUUID();
    int partitions = tasks.getNumPartitions();
    AtomicReference<@Nullable String> failure = new AtomicReference<>();
    Function2<Object, TaskResult<T>, BoxedUnit> handler =
        (partition, outcome) -> {
          T value = outcome.value();
          if (value != null) {
            values.put((Integer) partition, value);
            done.accept(value);
          } else if (failure.compareAndSet(null, String.valueOf(outcome.failure()))
              && values.size() + 1 < partitions) {
            context.cancelJobGroup(group, "An input cannot be used");
          }
          return BoxedUnit.UNIT;
        };
    ClassTag<TaskResult<T>> tag = ClassTag$.MODULE$.apply(TaskResult.class);
    context.setJobGroup(group, what, true);
    try {
      context.sc().runJob(tasks.rdd(), only, handler, tag);
    } catch (Exception e) {
      // Scala declares no exceptions; Spark's own for a cancelled job is a checked one.
      if (failure.get() == null) {
        throw e instanceof RuntimeException unchecked
            ? unchecked
            : new IllegalStateException("Spark could not finish: " + what, e);
      }
    } finally {
      context.clearJobGroup();
    }
    String sentence = failure.get();
    if (sentence != null) {
      throw new BadInputException(sentence);
    }
    return new ArrayList<>(values.values());
  }
}
