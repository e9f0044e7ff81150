package org.longrope.driver.run.replay;

import java.util.ArrayList;
import java.util.Collections;
import java.util.HashMap;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.function.Function;
import org.longrope.driver.execution.EvaluationTask;
import org.longrope.driver.execution.ModelTask;
import org.longrope.search.Proposal;

/**
 * The state of a search after a prefix of its log: the one reading of the log that the live search,
 * its resumption, status, report and trajectory share. A candidate is complete with the record of
 * its last document, so the order of the records alone decides what each decision has seen.
 */
public final class RunReplay {
  private final Function<Proposal, CandidateTasks> tasks;
  private final Set<ModelTask<?>> evaluated = new HashSet<>();
  private final Map<EvaluationTask, List<Decision>> waiting = new HashMap<>();
  private final List<Decision> decisions = new ArrayList<>();
  private final List<Decision> complete = new ArrayList<>();

  /** A candidate that the search decided to try. */
  public static final class Decision {
    private final int number;
    private final Proposal proposal;
    private final CandidateTasks tasks;
    private final Set<EvaluationTask> missing;

    private Decision(
        int number, Proposal proposal, CandidateTasks tasks, Set<EvaluationTask> missing) {
      this.number = number;
      this.proposal = proposal;
      this.tasks = tasks;
      this.missing = missing;
    }

    /** Returns the number of the decision, from 0. */
    public int number() {
      return number;
    }

    public Proposal proposal() {
      return proposal;
    }

    /** Returns the evaluations of the proposal, those included that were known before. */
    public CandidateTasks tasks() {
      return tasks;
    }

    /** Tells whether all its evaluations are in the log. */
    public boolean isComplete() {
      return missing.isEmpty();
    }
  }

  /**
   * Creates the state of an empty log.
   *
   * @param tasks the evaluations of a proposal
   */
  public RunReplay(Function<Proposal, CandidateTasks> tasks) {
    this.tasks = tasks;
  }

  /** Replays a whole log. */
  public static RunReplay of(RunLog log, Function<Proposal, CandidateTasks> tasks) {
    RunReplay replay = new RunReplay(tasks);
    log.entries().forEach(replay::apply);
    return replay;
  }

  /** Applies the next record. */
  public void apply(LogEntry entry) {
    if (entry instanceof LogEntry.Evaluated record) {
      evaluated.add(record.task());
      List<Decision> answered = waiting.remove(record.task());
      if (answered != null) {
        for (Decision decision : answered) {
          decision.missing.remove(record.task());
          completeIfWhole(decision);
        }
      }
    } else if (entry instanceof LogEntry.Decided record) {
      CandidateTasks all = tasks.apply(record.proposal());
      Set<EvaluationTask> missing = new HashSet<>(all.all());
      // Some may have been evaluated before, as those of a baseline.
      missing.removeAll(evaluated);
      Decision decision = new Decision(record.number(), record.proposal(), all, missing);
      // Candidates with query scales have evaluations at the original window in common.
      missing.forEach(
          task -> waiting.computeIfAbsent(task, none -> new ArrayList<>()).add(decision));
      decisions.add(decision);
      completeIfWhole(decision);
    }
  }

  private void completeIfWhole(Decision decision) {
    if (decision.missing.isEmpty()) {
      complete.add(decision);
    }
  }

  /** Returns all decisions in their order; grows with the log. */
  public List<Decision> decisions() {
    return Collections.unmodifiableList(decisions);
  }

  /** Returns the decisions whose outcome is known, in the order of the outcomes; grows. */
  public List<Decision> complete() {
    return Collections.unmodifiableList(complete);
  }

  /** Tells whether every decision's outcome is known. */
  public boolean isComplete() {
    return complete.size() == decisions.size();
  }

  /** Returns the decisions whose outcome is not known yet, in the order of decision. */
  public List<Decision> open() {
    return decisions.stream().filter(decision -> !decision.isComplete()).toList();
  }
}
