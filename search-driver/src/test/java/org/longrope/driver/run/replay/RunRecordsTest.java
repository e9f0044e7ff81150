package org.longrope.driver.run.replay;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.json.JsonMapper;
import com.fasterxml.jackson.databind.node.ObjectNode;
import java.io.IOException;
import java.time.Instant;
import java.util.List;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;
import org.longrope.driver.execution.EvaluationTask;
import org.longrope.driver.execution.TaskResult;
import org.longrope.eval.perplexity.DocumentScore;
import org.longrope.eval.perplexity.NllGradient;
import org.longrope.eval.perplexity.Protocol;
import org.longrope.eval.rope.QueryScales;
import org.longrope.eval.rope.RescaleFactors;
import org.longrope.eval.rope.Rescaling;
import org.longrope.search.Candidate;
import org.longrope.search.Proposal;

class RunRecordsTest {
  private static final Rescaling RESCALING = new Rescaling(RescaleFactors.of(1, 2), 4, 1.1);

  private final RunRecords records =
      new RunRecords(
          candidate -> new Rescaling(candidate.factors(), candidate.startTokens(), 1.25));

  static List<Protocol> everyProtocol() {
    return List.of(
        new Protocol.Truncated(320),
        new Protocol.Sliding(320, 32),
        new Protocol.Tail(320, 32),
        new Protocol.Chunked(32, 320),
        new Protocol.Needle(320, 2 / 3.0, 17_865));
  }

  private static LogEntry evaluated(@Nullable Integer decision, EvaluationTask task) {
    return new LogEntry.Evaluated(
        Instant.EPOCH,
        "baseline",
        decision,
        task,
        task.completed(new DocumentScore("a", 12.5, 6, 0.1), "f32", null));
  }

  private LogEntry reread(LogEntry entry) throws IOException {
    JsonNode json = new JsonMapper().readTree(records.toJson(entry).toString());
    return records.fromJson(json);
  }

  @ParameterizedTest
  @MethodSource("everyProtocol")
  void evaluation_ofEveryProtocol_isReadAsItWasWritten(Protocol protocol) throws IOException {
    LogEntry entry = evaluated(null, new EvaluationTask(RESCALING, "a", protocol));
    assertThat(reread(entry)).isEqualTo(entry);
  }

  @Test
  void rejection_isReadAsItWasWritten() throws IOException {
    EvaluationTask task = new EvaluationTask(RESCALING, "a", new Protocol.Truncated(320));
    LogEntry entry =
        new LogEntry.Evaluated(
            Instant.EPOCH, "baseline", null, task, new TaskResult.Rejected<>(task, "Σ NLL is NaN"));
    assertThat(reread(entry)).isEqualTo(entry);
  }

  @Test
  void evaluationOfADecision_namesItByNumberAndHasItsRescaling() throws IOException {
    Candidate candidate = Candidate.of(new int[] {100, 250}, 4);
    LogEntry decided =
        new LogEntry.Decided(Instant.EPOCH, 7, 5, new Proposal(2, candidate, List.of(1)));
    assertThat(reread(decided)).isEqualTo(decided);
    EvaluationTask task =
        new EvaluationTask(
            new Rescaling(candidate.factors(), 4, 1.25), "a", new Protocol.Truncated(320));
    LogEntry entry = evaluated(7, task);

    assertThat(records.toJson(entry).has("rescale_factors")).isFalse();
    assertThat(records.toJson(entry).path("decision").asInt()).isEqualTo(7);
    assertThat(reread(entry)).isEqualTo(entry);
  }

  @Test
  void gradientOfADecision_isReadWithAllDigits() throws IOException {
    Candidate candidate = Candidate.free(new double[] {250.1234, 100}, 0, 987.654);
    LogEntry decided =
        new LogEntry.Decided(Instant.EPOCH, 7, 5, new Proposal(2, candidate, List.of(1), true));
    assertThat(reread(decided)).isEqualTo(decided);
    EvaluationTask task =
        new EvaluationTask(
                new Rescaling(candidate.factors(), 0, 1.25), "a", new Protocol.Truncated(320))
            .withGradient();
    NllGradient gradient = new NllGradient(List.of(0.1 + 0.2, -1e-17), 1 / 3.0);
    LogEntry entry =
        new LogEntry.Evaluated(
            Instant.EPOCH,
            "generation-2",
            7,
            task,
            task.completed(new DocumentScore("a", 12.5, 6, 0.1, gradient), "f32", null));

    assertThat(reread(entry)).isEqualTo(entry);
    ObjectNode without = records.toJson(entry);
    without.remove("by_log_factors");
    assertThatThrownBy(() -> records.fromJson(without))
        .isInstanceOf(IllegalArgumentException.class);
  }

  /** It is that of the weights, where the candidate's factors are not used. */
  @Test
  void evaluationOfACandidatesQueryScalesAlone_namesTheScalesOfItsDecision() throws IOException {
    QueryScales scales = QueryScales.ones(2, 1, 2).withLogs(new double[] {0.1, 0, -0.2, 1e-6});
    Candidate candidate = Candidate.of(new int[] {100, 250}, 4).withQueryScales(scales);
    RunRecords scaled =
        new RunRecords(decided -> new Rescaling(decided.factors(), 4, 1.25, decided.queryScales()));
    LogEntry decided =
        new LogEntry.Decided(Instant.EPOCH, 7, 5, new Proposal(2, candidate, List.of(1)));
    assertThat(scaled.fromJson(scaled.toJson(decided))).isEqualTo(decided);
    Protocol windows = new Protocol.Chunked(32, 320);
    LogEntry with =
        evaluated(7, new EvaluationTask(RESCALING.withQueryScales(scales), "a", windows));
    LogEntry without = evaluated(7, new EvaluationTask(RESCALING, "a", windows));

    assertThat(scaled.toJson(with).has("query_scales")).isFalse();
    assertThat(scaled.fromJson(scaled.toJson(with))).isEqualTo(with);
    assertThat(scaled.fromJson(scaled.toJson(without))).isEqualTo(without);
  }

  @Test
  void evaluationOfAnUnknownDecision_isRefused() {
    EvaluationTask task = new EvaluationTask(RESCALING, "a", new Protocol.Truncated(320));
    assertThatThrownBy(() -> reread(evaluated(3, task)))
        .isInstanceOf(IllegalArgumentException.class)
        .hasMessage("No decision 3");
  }

  /** Logs of earlier versions have the rescaling in every evaluation. */
  @Test
  void evaluationOfAnEarlierVersion_isReadByItsRescaling() throws IOException {
    String line =
        "{\"at\":\"2026-01-02T03:04:05Z\",\"phase\":\"generation-3\",\"rescale_factors\":[1.0,2.0],"
            + "\"start_tokens\":4,\"attention_factor\":1.1,\"length\":320,\"document\":\"a\","
            + "\"nll\":12.5,\"tokens\":319,\"seconds\":0.1,\"dtype\":\"f32\"}";
    LogEntry entry = records.fromJson(new JsonMapper().readTree(line));
    assertThat(((LogEntry.Evaluated) entry).task())
        .isEqualTo(new EvaluationTask(RESCALING, "a", new Protocol.Truncated(320)));
    assertThat(records.toJson(entry)).hasToString(line);
  }
}
