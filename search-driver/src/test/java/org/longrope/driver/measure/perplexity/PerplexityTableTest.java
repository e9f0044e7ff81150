package org.longrope.driver.measure.perplexity;

import static org.assertj.core.api.Assertions.assertThat;

import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.stream.IntStream;
import org.junit.jupiter.api.Test;
import org.longrope.driver.execution.EvaluationTask;
import org.longrope.driver.execution.LocalTaskExecutor;
import org.longrope.driver.execution.TaskExecutor;
import org.longrope.driver.execution.TaskResult;
import org.longrope.driver.factors.RescalingRequest;
import org.longrope.driver.store.MeasurementLog;
import org.longrope.driver.store.NumberedTasks;
import org.longrope.driver.store.ResultStore;
import org.longrope.eval.perplexity.DocumentScore;
import org.longrope.eval.perplexity.Protocol;
import org.longrope.eval.rope.RopeGeometry;
import org.longrope.eval.rope.RopeMethod;

class PerplexityTableTest {
  private static final RopeGeometry ROPE = new RopeGeometry(128, 10_000, 4096);

  private static PerplexityTable.Row row(String name, RopeMethod method) {
    return new PerplexityTable.Row(name, RescalingRequest.of(method));
  }

  private static TaskResult.Completed<DocumentScore> answer(EvaluationTask task) {
    // A sum that tells every task from the others.
    double nll =
        Integer.parseInt(task.documentId())
            + task.protocol().length() * 1e-6
            + task.rescaling().factors().toList().get(63) * 1e-12;
    return task.completed(new DocumentScore(task.documentId(), nll, 7, 0), "f32", null);
  }

  /** Look-ups that compared task by task would take minutes here. */
  @Test
  void measure_manyEvaluations_givesEachItsOwnAnswer() {
    List<String> documents = IntStream.range(0, 20_000).mapToObj(String::valueOf).toList();
    List<Protocol> protocols = List.of(new Protocol.Truncated(8192), new Protocol.Truncated(16384));
    PerplexityTable table =
        new PerplexityTable(
            List.of(row("none", RopeMethod.NONE), row("pi", RopeMethod.PI)),
            protocols,
            documents,
            ROPE);
    List<EvaluationTask> asked = new ArrayList<>();
    try (MeasurementLog log = MeasurementLog.inMemory(new NumberedTasks(table.tasks()))) {
      TaskExecutor executor =
          new LocalTaskExecutor(
              task -> {
                asked.add((EvaluationTask) task);
                return answer((EvaluationTask) task);
              });
      new ResultStore(executor, log, Duration.ZERO, warning -> {}, result -> {})
          .collect(table.groups());

      assertThat(asked).hasSize(80_000);
      for (PerplexityMeasurement measurement : table.measurements(log)) {
        assertThat(measurement.scores())
            .isEqualTo(
                documents.stream()
                    .map(
                        id ->
                            answer(
                                    new EvaluationTask(
                                        measurement.rescaling(), id, measurement.protocol()))
                                .value())
                    .toList());
      }
    }
  }

  @Test
  void tasks_equalRescalings_readDocumentsOnce() {
    PerplexityTable table =
        new PerplexityTable(
            List.of(row("none", RopeMethod.NONE), row("pi", RopeMethod.PI)),
            List.of(new Protocol.Truncated(4096)),
            List.of("0", "1"),
            ROPE);
    assertThat(table.tasks()).hasSize(2);
  }
}
