package org.longrope.driver.run.replay;

import java.util.ArrayList;
import java.util.Collection;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.stream.Stream;
import org.jspecify.annotations.Nullable;
import org.longrope.driver.execution.EvaluationTask;
import org.longrope.driver.execution.TaskResult;
import org.longrope.driver.store.TaskLog;
import org.longrope.eval.perplexity.DocumentScore;
import org.longrope.eval.rope.Rescaling;
import org.longrope.search.Outcome;

/** The evaluations of a log and their perplexities; a view that grows with the log. */
public final class Evaluations {
  private final TaskLog log;

  Evaluations(TaskLog log) {
    this.log = log;
  }

  /** Returns all evaluated tasks, in the order of the log. */
  public Stream<EvaluationTask> tasks() {
    return log.results().keySet().stream()
        .filter(EvaluationTask.class::isInstance)
        .map(EvaluationTask.class::cast);
  }

  /** Returns the result of a task; null if it was not evaluated. */
  public @Nullable TaskResult<DocumentScore> get(EvaluationTask task) {
    return log.result(task);
  }

  /** Returns the score of a task; null if it was not evaluated or was rejected. */
  public @Nullable DocumentScore score(EvaluationTask task) {
    return get(task) instanceof TaskResult.Completed<DocumentScore> completed
        ? completed.value()
        : null;
  }

  public boolean containsAll(Collection<EvaluationTask> tasks) {
    return log.results().keySet().containsAll(tasks);
  }

  /**
   * Computes the perplexity of a rescaling's tasks: exp(Σ NLL / Σ tokens), summed in the order of
   * the tasks; the geometric mean over lengths where they have several.
   *
   * @return NaN if one was rejected
   * @throws IllegalStateException if one was not evaluated
   */
  public double perplexity(List<EvaluationTask> tasks) {
    Map<Integer, List<DocumentScore>> byLength = new LinkedHashMap<>();
    for (EvaluationTask task : tasks) {
      if (evaluated(task) instanceof TaskResult.Completed<DocumentScore> completed) {
        byLength
            .computeIfAbsent(task.protocol().length(), length -> new ArrayList<>())
            .add(completed.value());
      } else {
        return Double.NaN;
      }
    }
    double product = 1;
    for (List<DocumentScore> scores : byLength.values()) {
      product *= DocumentScore.perplexity(scores);
    }
    // Of one length to its last bit.
    return StrictMath.pow(product, 1.0 / byLength.size());
  }

  /** Computes the outcome of a candidate's tasks: one rejected document rejects the candidate. */
  public Outcome outcome(List<EvaluationTask> tasks) {
    for (EvaluationTask task : tasks) {
      if (evaluated(task) instanceof TaskResult.Rejected<DocumentScore> rejected) {
        return new Outcome.Rejection("document " + task.documentId() + ": " + rejected.reason());
      }
    }
    Outcome outcome = Outcome.of(perplexity(tasks));
    return outcome instanceof Outcome.Fitness && tasks.stream().allMatch(EvaluationTask::gradient)
        ? gradient(tasks)
        : outcome;
  }

  /** Computes the slope of ln perplexity; sums are in the order of the tasks. */
  private Outcome.Gradient gradient(List<EvaluationTask> tasks) {
    Map<Integer, LogPerplexitySlope> byLength = new LinkedHashMap<>();
    for (EvaluationTask task : tasks) {
      DocumentScore score = score(task);
      if (score == null || score.gradient() == null) {
        throw new IllegalStateException("No gradient of " + task);
      }
      byLength
          .computeIfAbsent(
              task.protocol().length(), length -> new LogPerplexitySlope(task.rescaling()))
          .add(score, score.gradient());
    }
    return LogPerplexitySlope.mean(byLength.values(), perplexity(tasks));
  }

  /** Returns the evaluated rescaling that differs from the given one in last bits only, else it. */
  public Rescaling measured(Rescaling rescaling) {
    Rescaling measured = null;
    for (EvaluationTask task : (Iterable<EvaluationTask>) tasks()::iterator) {
      if (task.rescaling().equals(rescaling)) {
        return rescaling;
      } else if (measured == null && task.rescaling().isNear(rescaling)) {
        measured = task.rescaling();
      }
    }
    return measured == null ? rescaling : measured;
  }

  private TaskResult<DocumentScore> evaluated(EvaluationTask task) {
    TaskResult<DocumentScore> result = get(task);
    if (result == null) {
      throw new IllegalStateException("No evaluation of " + task);
    }
    return result;
  }
}
