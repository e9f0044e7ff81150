package org.longrope.driver.store;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import com.fasterxml.jackson.databind.node.JsonNodeFactory;
import com.fasterxml.jackson.databind.node.ObjectNode;
import java.util.List;
import org.junit.jupiter.api.Test;
import org.longrope.driver.execution.EvaluationTask;
import org.longrope.driver.execution.TaskResult;
import org.longrope.eval.Json;
import org.longrope.eval.perplexity.DocumentScore;
import org.longrope.eval.perplexity.NllGradient;
import org.longrope.eval.perplexity.Protocol;
import org.longrope.eval.rope.QueryScales;
import org.longrope.eval.rope.RescaleFactors;
import org.longrope.eval.rope.Rescaling;

class EvaluationFormatTest {
  private static final Rescaling PLAIN = new Rescaling(RescaleFactors.of(1, 1.5), 4, 1.25);
  private static final Rescaling SCALED =
      PLAIN.withQueryScales(QueryScales.ofLogs(1, 2, 2, new int[] {0, -1, 1_000_000, 7}));

  private final EvaluationFormat format = new EvaluationFormat();

  @Test
  void record_withoutScales_isThatOfEarlierVersions() {
    assertThat(Json.line(record(task(PLAIN))))
        .isEqualTo(
            "{\"rescale_factors\":[1.0,1.5],\"start_tokens\":4,\"attention_factor\":1.25,"
                + "\"length\":64,\"document\":\"d\"}");
  }

  @Test
  void record_withScales_readsBackEqual() {
    assertThat(format.read(record(task(SCALED)))).isEqualTo(task(SCALED));
    assertThat(format.read(record(task(PLAIN)))).isEqualTo(task(PLAIN));
  }

  @Test
  void record_withScalesCutOff_isRefused() {
    ObjectNode record = record(task(SCALED));
    record.withObject("query_scales").put("millionths", "AAAA");

    assertThatThrownBy(() -> format.read(record)).isInstanceOf(IllegalArgumentException.class);
  }

  @Test
  void result_withGradientByScales_readsBackWithAllBits() {
    EvaluationTask task = task(SCALED).withGradient();
    NllGradient slope =
        new NllGradient(List.of(0.1, -2e-7), 3.5, List.of(1e-30f, -0.1f, 3f, Float.MIN_VALUE));

    assertThat(readBack(task, slope)).isEqualTo(slope);
  }

  @Test
  void result_withGradientByFactorsAlone_isThatOfEarlierVersions() {
    EvaluationTask task = task(PLAIN).withGradient();
    NllGradient slope = new NllGradient(List.of(0.1, -2e-7), 3.5);

    assertThat(task.toJson(score(slope)).has("by_query_scales")).isFalse();
    assertThat(readBack(task, slope)).isEqualTo(slope);
  }

  private static NllGradient readBack(EvaluationTask task, NllGradient slope) {
    ObjectNode record = JsonNodeFactory.instance.objectNode();
    ResultFields.write(task.completed(score(slope), "f32", null), record);
    ObjectNode stored = Json.readObject(Json.line(record), "", "");
    return ((TaskResult.Completed<DocumentScore>) ResultFields.read(task, stored))
        .value()
        .gradient();
  }

  private static DocumentScore score(NllGradient slope) {
    return new DocumentScore("d", 12.5, 63, 0.5, slope);
  }

  private static EvaluationTask task(Rescaling rescaling) {
    return new EvaluationTask(rescaling, "d", new Protocol.Truncated(64));
  }

  private ObjectNode record(EvaluationTask task) {
    ObjectNode record = JsonNodeFactory.instance.objectNode();
    format.write(task, record);
    return Json.readObject(Json.line(record), "", "");
  }
}
