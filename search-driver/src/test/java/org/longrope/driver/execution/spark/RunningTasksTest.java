package org.longrope.driver.execution.spark;

import static org.assertj.core.api.Assertions.assertThat;

import java.time.Duration;
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

  private long seconds;
  private final RunningTasks tasks =
      new RunningTasks(SHARE, () -> Duration.ofSeconds(seconds).toNanos());

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
  void inProgress_tasksWithAHeartbeat_areSummed() {
    start(1);
    start(2);
    start(3);
    assertThat(tasks.inProgress()).isEqualTo(TasksInProgress.NONE);
    heartbeat(1, SHARE, 0.25);
    heartbeat(2, SHARE, 0.25);
    heartbeat(2, SHARE, 0.5);
    heartbeat(3, SHARE + 1, 0.5);
    heartbeat(3, SHARE, 12L);
    assertThat(tasks.inProgress()).isEqualTo(new TasksInProgress(2, 0.75));
  }

  @Test
  void inProgress_taskThatEnded_isLeftOutWhateverComesLate() {
    start(1);
    heartbeat(1, SHARE, 0.25);
    end(1);
    heartbeat(1, SHARE, 0.5);
    assertThat(tasks.inProgress()).isEqualTo(TasksInProgress.NONE);
  }

  @Test
  void longRunning_taskWhoseStartWasDropped_isKnownByItsHeartbeats() {
    heartbeat(1, SHARE, 0.25);
    for (seconds = 10; seconds <= 90; seconds += 10) {
      heartbeat(1, SHARE, 0.25);
    }
    assertThat(tasks.anyLongerThan(Duration.ofMinutes(1))).isTrue();
    assertThat(tasks.inProgress()).isEqualTo(new TasksInProgress(1, 0.25));
  }

  @Test
  void longRunning_taskWhoseEndWasDropped_isForgottenWithoutHeartbeats() {
    start(1);
    heartbeat(1, SHARE, 0.25);
    seconds = 61;
    assertThat(tasks.anyLongerThan(Duration.ofMinutes(1))).isFalse();
    heartbeat(2, SHARE, 0.5);
    assertThat(tasks.inProgress()).isEqualTo(new TasksInProgress(1, 0.5));
  }
}
