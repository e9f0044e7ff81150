package org.longrope.driver.run;

import java.time.Duration;
import java.util.HashMap;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.OptionalDouble;
import java.util.Set;
import org.jspecify.annotations.Nullable;
import org.longrope.driver.execution.Evaluation;
import org.longrope.driver.execution.EvaluationTask;
import org.longrope.driver.execution.ExecutionFailure;
import org.longrope.driver.execution.HardwareWatch;
import org.longrope.driver.execution.TaskExecutor;
import org.longrope.driver.execution.TaskGroup;
import org.longrope.driver.run.replay.Journal;
import org.longrope.driver.run.replay.RetryingWriter;
import org.longrope.driver.run.replay.RunCount;
import org.longrope.driver.run.replay.RunState;
import org.longrope.search.Proposal;

/** A scorer that evaluates only what the journal lacks and journals every answer as it comes. */
public final class JournalledExecutor {
  private final TaskExecutor scorer;
  private final Journal journal;
  private final RunListener listener;
  private final RetryingWriter disk;
  private final Map<EvaluationTask, String> phases = new HashMap<>();
  private final RunCount count;
  private final HardwareWatch hardware;
  private @Nullable String computeType;

  /**
   * @param planned evaluations of the whole run
   * @param patience with a disk on which nothing can be written
   */
  public JournalledExecutor(
      TaskExecutor scorer, Journal journal, RunListener listener, long planned, Duration patience) {
    this.scorer = scorer;
    this.journal = journal;
    this.listener = listener;
    disk = new RetryingWriter(patience, listener::warning);
    count = new RunCount(journal, planned);
    hardware = new HardwareWatch(listener::warning);
    for (Evaluation evaluation : journal.evaluations().values()) {
      if (evaluation instanceof Evaluation.Scored scored) {
        computeType = computeType == null ? scored.computeType() : computeType;
        hardware.stored(scored.hardware());
      }
    }
  }

  Journal journal() {
    return journal;
  }

  /** How far the run is. */
  RunState state() {
    return count.state(phases.size());
  }

  /** A candidate has come to be the best. */
  void best(double perplexity) {
    count.best(OptionalDouble.of(perplexity));
  }

  /** How many more tasks should be under way, so that no evaluator waits. */
  int wanted() {
    int slots = scorer.slots();
    // An eighth in reserve covers the time between an answer and the next task.
    return slots + slots / 8 + 1 - phases.size();
  }

  /** Begins to evaluate what is neither in the journal nor under way. */
  void submit(TaskGroup group) {
    List<EvaluationTask> missing =
        group.tasks().stream()
            .distinct()
            .filter(task -> !journal.evaluations().containsKey(task) && !phases.containsKey(task))
            .toList();
    missing.forEach(task -> phases.put(task, group.phase()));
    scorer.submit(new TaskGroup(group.phase(), group.description(), missing));
  }

  /** Waits for an answer, which is in the journal then. */
  Evaluation take() {
    Evaluation evaluation = scorer.take();
    String phase = phases.get(evaluation.task());
    if (phase == null) {
      throw new IllegalStateException("Not asked for: " + evaluation.task());
    }
    compareDevices(evaluation);
    disk.write(() -> journal.append(evaluation, phase));
    phases.remove(evaluation.task());
    count.add(evaluation);
    listener.evaluation(state());
    return evaluation;
  }

  /** Numbers of two types are not to be compared, and executors of two kinds would give them. */
  private void compareDevices(Evaluation evaluation) {
    if (evaluation instanceof Evaluation.Scored scored) {
      hardware.computed(scored.hardware());
      if (computeType == null) {
        computeType = scored.computeType();
      } else if (!computeType.equals(scored.computeType())) {
        throw new ExecutionFailure(
            "The run's evaluations were done in "
                + computeType
                + " and an executor answers in "
                + scored.computeType()
                + ": expected devices of one kind; resume with a --master that has them.");
      }
    }
  }

  /** Evaluates all tasks and waits for them. */
  void score(List<TaskGroup> groups) {
    Set<EvaluationTask> missing = new HashSet<>();
    groups.forEach(group -> missing.addAll(group.tasks()));
    missing.removeAll(journal.evaluations().keySet());
    groups.forEach(this::submit);
    while (!missing.isEmpty()) {
      missing.remove(take().task());
    }
  }

  /** Journals a decision before anything is done about it. */
  void decided(int number, int told, Proposal proposal) {
    disk.write(() -> journal.append(number, told, proposal));
  }
}
