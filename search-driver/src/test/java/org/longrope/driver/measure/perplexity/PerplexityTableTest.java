package org.longrope.driver.measure.perplexity;

import static org.assertj.core.api.Assertions.assertThat;

import java.util.ArrayList;
import java.util.List;
import java.util.stream.IntStream;
import org.junit.jupiter.api.Test;
import org.longrope.driver.execution.Evaluation;
import org.longrope.driver.execution.EvaluationTask;
import org.longrope.driver.execution.LocalTaskExecutor;
import org.longrope.driver.factors.RescalingRequest;
import org.longrope.driver.store.KeptAnswers;
import org.longrope.eval.perplexity.DocumentScore;
import org.longrope.eval.perplexity.Protocol;
import org.longrope.eval.rope.RopeGeometry;
import org.longrope.eval.rope.RopeMethod;

class PerplexityTableTest {
  private static final RopeGeometry ROPE = new RopeGeometry(128, 10_000, 4096);

  private static PerplexityTable.Row row(String name, RopeMethod method) {
    return new PerplexityTable.Row(name, RescalingRequest.of(method));
  }

  private static Evaluation answer(EvaluationTask task) {
    // A sum that tells every task from the others.
    double nll =
        Integer.parseInt(task.documentId())
            + task.protocol().length() * 1e-6
            + task.rescaling().factors().toList().get(63) * 1e-12;
    return new Evaluation.Scored(task, new DocumentScore(task.documentId(), nll, 7, 0), "f32");
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
    try (KeptAnswers kept = KeptAnswers.inMemory(sentence -> {})) {
      table.measure(
          new LocalTaskExecutor(
              task -> {
                asked.add(task);
                return answer(task);
              }),
          kept,
          (done, total) -> assertThat(total).isEqualTo(80_000));

      assertThat(asked).hasSize(80_000);
      for (PerplexityMeasurement measurement : table.measurements(kept)) {
        assertThat(measurement.scores())
            .isEqualTo(
                documents.stream()
                    .map(
                        id ->
                            ((Evaluation.Scored)
                                    answer(
                                        new EvaluationTask(
                                            measurement.rescaling(), id, measurement.protocol())))
                                .score())
                    .toList());
      }
    }
  }

  @Test
  void measure_equalRescalings_readsDocumentsOnce() {
    PerplexityTable table =
        new PerplexityTable(
            List.of(row("none", RopeMethod.NONE), row("pi", RopeMethod.PI)),
            List.of(new Protocol.Truncated(4096)),
            List.of("0", "1"),
            ROPE);
    assertThat(table.size()).isEqualTo(2);
  }
}
