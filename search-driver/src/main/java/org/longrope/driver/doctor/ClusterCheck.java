package org.longrope.driver.doctor;

import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.TreeSet;
import java.util.concurrent.ConcurrentSkipListMap;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicReference;
import java.util.stream.IntStream;
import org.apache.spark.SimpleFutureAction;
import org.apache.spark.SparkContext;
import org.apache.spark.api.java.JavaSparkContext;
import org.apache.spark.rdd.RDD;
import org.jspecify.annotations.Nullable;
import org.longrope.driver.execution.spark.SparkFailure;
import org.longrope.driver.execution.worker.HostReport;
import scala.collection.immutable.Seq;
import scala.concurrent.ExecutionContext;
import scala.jdk.javaapi.CollectionConverters;
import scala.runtime.BoxedUnit;

/** A check of every executor of a cluster, by tasks that fill all slots at once. */
public final class ClusterCheck {
  private static final ExecutionContext HERE = ExecutionContext.fromExecutor(Runnable::run);
  private static final long HOLD_MS = 1000;
  private static final Duration LOOK = Duration.ofMillis(250);
  private static final Duration SETTLING = Duration.ofSeconds(2);
  private static final int ROUNDS = 3;

  private final JavaSparkContext spark;
  private final Duration timeout;
  private final Map<String, HostReport> reports = new ConcurrentSkipListMap<>();
  private final List<String> problems = new ArrayList<>();

  private ClusterCheck(JavaSparkContext spark, Duration timeout) {
    this.spark = spark;
    this.timeout = timeout;
  }

  /**
   * The findings on a cluster.
   *
   * @param executors the report of each executor that answered
   * @param problems of the cluster as a whole
   */
  public record Result(List<HostReport> executors, List<String> problems) {}

  /**
   * Waits for executors until no more register, and checks each.
   *
   * @param timeout how long the first executor may take, and how long a round of checks may take
   */
  public static Result run(JavaSparkContext spark, Duration timeout) {
    ClusterCheck check = new ClusterCheck(spark, timeout);
    try {
      check.run();
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
      check.problems.add("the check was interrupted.");
    }
    return new Result(List.copyOf(check.reports.values()), check.problems);
  }

  private void run() throws InterruptedException {
    if (!awaitExecutors()) {
      problems.add(
          String.format(
              "no executor registered within %d s: expected free cores, memory and GPUs for"
                  + " spark.executor.* at %s.",
              timeout.toSeconds(), spark.master()));
      return;
    }
    String failure = null;
    for (int round = 0; round < ROUNDS && failure == null && !unanswered().isEmpty(); round++) {
      failure = checkAllSlots();
    }
    if (failure != null || !unanswered().isEmpty()) {
      problems.add(
          String.format(
              "executors %s did not answer%s; see their logs.",
              unanswered(), failure == null ? "" : ": " + failure));
    }
  }

  /** Waits until no executor has registered for two seconds; returns whether there are any. */
  private boolean awaitExecutors() throws InterruptedException {
    long start = System.nanoTime();
    long changed = start;
    int before = 0;
    while (before == 0 || System.nanoTime() - changed < SETTLING.toNanos()) {
      int now = slots();
      if (now != before) {
        changed = System.nanoTime();
        before = now;
      }
      if (now == 0 && System.nanoTime() - start > timeout.toNanos()) {
        return false;
      }
      TimeUnit.MILLISECONDS.sleep(LOOK.toMillis());
    }
    return true;
  }

  private int slots() {
    SparkContext context = spark.sc();
    return context.maxNumConcurrentTasks(context.resourceProfileManager().defaultResourceProfile());
  }

  private Set<String> unanswered() {
    Set<String> executors = new TreeSet<>(CollectionConverters.asJava(spark.sc().getExecutorIds()));
    executors.removeAll(reports.keySet());
    return executors;
  }

  /** Runs one check on every slot; returns the reason of a failure, or null. */
  private @Nullable String checkAllSlots() throws InterruptedException {
    int tasks = Math.max(1, slots());
    List<Integer> numbers = new ArrayList<>(IntStream.range(0, tasks).boxed().toList());
    RDD<Integer> rdd = spark.parallelize(numbers, tasks).rdd();
    Seq<Object> all = CollectionConverters.asScala(List.<Object>copyOf(numbers)).toSeq();
    CountDownLatch ended = new CountDownLatch(1);
    AtomicReference<@Nullable String> failure = new AtomicReference<>();
    SimpleFutureAction<BoxedUnit> job =
        spark
            .sc()
            .submitJob(
                rdd,
                new CheckTask(HOLD_MS),
                all,
                (index, report) -> {
                  reports.put(report.executor(), report);
                  return BoxedUnit.UNIT;
                },
                () -> BoxedUnit.UNIT);
    job.onComplete(
        result -> {
          if (result.isFailure()) {
            failure.set(SparkFailure.reason(result.failed().get()));
          }
          ended.countDown();
          return BoxedUnit.UNIT;
        },
        HERE);
    if (!ended.await(timeout.toSeconds(), TimeUnit.SECONDS)) {
      job.cancel();
      return "it did not end within " + timeout.toSeconds() + " s";
    }
    return failure.get();
  }
}
