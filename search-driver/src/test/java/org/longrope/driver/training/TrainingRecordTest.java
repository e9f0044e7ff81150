package org.longrope.driver.training;

import static org.assertj.core.api.Assertions.assertThat;

import com.fasterxml.jackson.databind.node.JsonNodeFactory;
import java.util.List;
import org.junit.jupiter.api.Test;
import org.longrope.eval.Json;
import org.longrope.eval.checkpoint.DType;
import org.longrope.eval.rope.RescaleFactors;
import org.longrope.eval.rope.Rescaling;
import org.longrope.eval.training.FactorSchedule;
import org.longrope.eval.training.LearningRateDecay;
import org.longrope.eval.training.Lora;
import org.longrope.eval.training.TrainingPlan;

class TrainingRecordTest {
  private static final TrainingRecord RECORD =
      new TrainingRecord(
          "ab12",
          new TrainingPlan(8, 2, 1, 3, 1e-4, 1, LearningRateDecay.LINEAR, 0.1, 1, 7, false),
          new Lora(2, 4, List.of("q_proj", "v_proj")),
          List.of(
              TrainingRecord.Phase.of(
                  new FactorSchedule.Phase(
                      new Rescaling(RescaleFactors.of(new double[] {1, 2.5}), 0, 1.25), 3))),
          "cd34",
          1L << 33,
          2,
          null,
          null,
          null);

  /** Text of states that the previous version saved. */
  private static final String EARLIER =
      "{\"model\":\"ab12\",\"plan\":{\"length\":8,\"batch\":2,\"accumulation\":1,\"steps\":3,"
          + "\"learningRate\":1.0E-4,\"warmupSteps\":1,\"decay\":\"LINEAR\",\"weightDecay\":0.1,"
          + "\"maxGradientNorm\":1.0,\"seed\":7,\"recompute\":false},"
          + "\"low_rank\":{\"rank\":2,\"alpha\":4.0,\"modules\":[\"q_proj\",\"v_proj\"]},"
          + "\"schedule\":[{\"steps\":3,\"rescale_factors\":[1.0,2.5],\"start_tokens\":0,"
          + "\"attention_factor\":1.25}],\"data\":\"cd34\",\"tokens\":8589934592,\"replicas\":2}";

  @Test
  void identity_ofASavedState_isTheTextOfEarlierVersions() {
    assertThat(RECORD.identity()).isEqualTo(EARLIER);
  }

  @Test
  void finished_addsTypeThreadsAndVersions() {
    TrainingRecord finished =
        RECORD.finished(DType.BF16, 3, JsonNodeFactory.instance.objectNode().put("java", "17"));
    assertThat(Json.line(finished))
        .isEqualTo(
            EARLIER.replaceFirst("}$", "")
                + ",\"dtype\":\"bf16\",\"threads\":3,\"versions\":{\"java\":\"17\"}}");
    assertThat(finished.identity()).isEqualTo(EARLIER);
    assertThat(Json.read(TrainingRecord.class, Json.line(finished), "here", Json.RESTORE))
        .isEqualTo(finished);
  }
}
