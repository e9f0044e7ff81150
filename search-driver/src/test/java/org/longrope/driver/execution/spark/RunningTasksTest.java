package org.longrope.driver.execution.spark;

import static org.assertj.core.api.Assertions.assertThat;

import java.util.List;
import org.apache.spark.Success$;
import org.apache.spark.scheduler.AccumulableInfo;
import org.apache.spark.scheduler.SparkListenerExecutorMetricsUpdate;
import org.apache.spark.scheduler.SparkListenerTaskEnd;
import org.apache.spark.scheduler.SparkListenerTaskStart;
import org.apache.spark.scheduler.TaskInfo;
import org.apache.spark.scheduler.TaskLocality;
import org.junit.jupiter.api.Test;
import org.longrope.driver.execution.TasksInProgress;
import scala.Option;
import scala.Tuple4;
import scala.collection.immutable.Map$;
import scala.jdk.javaapi.CollectionConverters;

class RunningTasksTest {
  private static final long SHARE = 7;

  private final RunningTasks tasks = new RunningTasks(SHARE);

  private static TaskInfo info(long task) {
    return new TaskInfo(task, 0, 0, 0, 0, "1", "host", TaskLocality.PROCESS_LOCAL(), false);
  }

  private void start(long task) {
    tasks.onTaskStart(new SparkListenerTaskStart(0, 0, info(task)));
  }

  private void end(long task) {
    tasks.onTaskEnd(
        new SparkListenerTaskEnd(0, 0, "ResultTask", Success$.MODULE$, info(task), null, null));
  }

  private void heartbeat(long task, long accumulator, Object value) {
    AccumulableInfo info =
        new AccumulableInfo(
            accumulator,
            Option.empty(),
            Option.apply(value),
            Option.empty(),
            false,
            false,
            Option.empty());
    Tuple4<Object, Object, Object, scala.collection.immutable.Seq<AccumulableInfo>> update =
        new Tuple4<>(task, 0, 0, CollectionConverters.asScala(List.of(info)).toSeq());
    tasks.onExecutorMetricsUpdate(
        new SparkListenerExecutorMetricsUpdate(
            "1", CollectionConverters.asScala(List.of(update)).toSeq(), Map$.MODULE$.empty()));
  }

  @Test
  void underWay_tasksWithAHeartbeat_areSummed() {
    start(1);
    start(2);
    start(3);
    assertThat(tasks.underWay()).isEqualTo(TasksInProgress.NONE);
    heartbeat(1, SHARE, 0.25);
    heartbeat(2, SHARE, 0.25);
    heartbeat(2, SHARE, 0.5);
    heartbeat(3, SHARE + 1, 0.5);
    heartbeat(3, SHARE, 12L);
    assertThat(tasks.underWay()).isEqualTo(new TasksInProgress(2, 0.75));
  }

  @Test
  void underWay_taskThatEnded_isLeftOutWhateverComesLate() {
    start(1);
    heartbeat(1, SHARE, 0.25);
    end(1);
    heartbeat(1, SHARE, 0.5);
    assertThat(tasks.underWay()).isEqualTo(TasksInProgress.NONE);
  }
}
