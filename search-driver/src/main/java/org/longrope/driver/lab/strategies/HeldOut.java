package org.longrope.driver.lab.strategies;

import com.fasterxml.jackson.databind.node.JsonNodeFactory;
import com.fasterxml.jackson.databind.node.ObjectNode;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Collection;
import java.util.List;
import java.util.function.Consumer;
import org.apache.hadoop.conf.Configuration;
import org.jspecify.annotations.Nullable;
import org.longrope.driver.execution.EvaluationTask;
import org.longrope.driver.execution.FaultTolerance;
import org.longrope.driver.execution.TaskExecutor;
import org.longrope.driver.execution.TaskGroup;
import org.longrope.driver.execution.TaskResult;
import org.longrope.driver.run.settings.SearchSettings;
import org.longrope.driver.store.EvaluationFormat;
import org.longrope.driver.store.MeasurementLog;
import org.longrope.driver.store.ResultStore;
import org.longrope.driver.store.files.HadoopDirectory;
import org.longrope.eval.perplexity.DocumentScore;
import org.longrope.eval.perplexity.Protocol;
import org.longrope.eval.rope.Rescaling;

/** Perplexities of rescalings on the held-out documents of a problem, with a log of their own. */
final class HeldOut implements AutoCloseable {
  private final PreparedProblem problem;
  private final MeasurementLog log;
  private final FaultTolerance limits;
  private final Consumer<String> warning;

  private HeldOut(
      PreparedProblem problem,
      MeasurementLog log,
      FaultTolerance limits,
      Consumer<String> warning) {
    this.problem = problem;
    this.log = log;
    this.limits = limits;
    this.warning = warning;
  }

  /**
   * Opens the log, with the evaluations of earlier processes.
   *
   * @param measured settings that the evaluations are made with
   * @param warning receives a sentence if hardware of another kind is used
   * @throws org.longrope.eval.BadInputException if the directory holds those of other documents
   */
  static HeldOut open(
      Path directory, PreparedProblem problem, SearchSettings measured, Consumer<String> warning) {
    ObjectNode identity = JsonNodeFactory.instance.objectNode();
    identity.put("test", "held-out perplexity");
    identity.put("model_sha256", problem.modelHash());
    identity.put("documents", problem.heldOutHash());
    identity.put("protocol", new Protocol.Truncated(problem.problem().targetLength()).toString());
    identity.put("attention_window", measured.attentionWindow().toString());
    HadoopDirectory place =
        HadoopDirectory.at(
            directory.toUri().toString(), "a directory of measurements", new Configuration());
    MeasurementLog log = MeasurementLog.open(place, new EvaluationFormat(), identity);
    log.claim();
    return new HeldOut(problem, log, measured.limits(), warning);
  }

  /** Returns the evaluations that are missing for rescalings, each once. */
  List<EvaluationTask> missing(Collection<Rescaling> rescalings) {
    return rescalings.stream()
        .flatMap(rescaling -> problem.tasks(rescaling).stream())
        .distinct()
        .filter(task -> log.result(task) == null)
        .toList();
  }

  /**
   * Evaluates tasks.
   *
   * @param listener receives each result
   */
  void measure(
      List<EvaluationTask> missing, TaskExecutor executor, Consumer<TaskResult<?>> listener) {
    new ResultStore(executor, log, limits.timeout(), warning, listener)
        .collect(List.of(TaskGroup.of("held-out", "documents of candidates", missing)));
  }

  /**
   * Returns the perplexity of all held-out documents: infinite if one was rejected, null if one was
   * not evaluated.
   */
  @Nullable Double perplexity(Rescaling rescaling) {
    List<DocumentScore> documents = new ArrayList<>();
    for (EvaluationTask task : problem.tasks(rescaling)) {
      TaskResult<DocumentScore> result = log.result(task);
      if (result == null) {
        return null;
      }
      if (!(result instanceof TaskResult.Completed<DocumentScore> completed)) {
        return Double.POSITIVE_INFINITY;
      }
      documents.add(completed.value());
    }
    return DocumentScore.perplexity(documents);
  }

  /** Returns the type that the evaluations were computed in; null without any. */
  @Nullable String computeType() {
    return log.computeType();
  }

  @Override
  public void close() {
    log.close();
  }
}
