package org.longrope.driver.run;

import java.util.HashMap;
import java.util.HashSet;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.function.Consumer;
import java.util.function.Function;
import org.longrope.driver.execution.EvaluationTask;
import org.longrope.driver.execution.TaskGroup;
import org.longrope.driver.run.replay.FitnessEstimator;
import org.longrope.driver.run.replay.JournalEntry;
import org.longrope.eval.BadInputException;
import org.longrope.search.Candidate;
import org.longrope.search.Proposal;
import org.longrope.search.SearchMode;
import org.longrope.search.SearchStrategy;

/**
 * The conversation of a search with its evaluators, as the journal has it and then live. A decision
 * is journalled before its candidate is evaluated, and a candidate's outcome is told when its last
 * document is journalled: the order of the records alone decides what every decision has seen, so a
 * replay makes each of them again.
 */
public final class SearchLoop {
  private final SearchStrategy strategy;
  private final SearchMode mode;
  private final Function<Proposal, List<EvaluationTask>> tasks;
  private final FitnessEstimator appraisal;
  private final JournalledExecutor scorer;
  private final Consumer<SearchStrategy> told;

  /** Candidates under way, in the order of decision, and the tasks that each still lacks. */
  private final Map<Candidate, Set<EvaluationTask>> lacking = new LinkedHashMap<>();

  private final Map<EvaluationTask, Candidate> candidates = new HashMap<>();
  private final Map<Candidate, TaskGroup> groups = new HashMap<>();

  private int decisions;
  private int outcomes;

  /**
   * @param tasks that answer a proposal
   * @param appraisal of what they came to
   * @param told called whenever the strategy was told an outcome
   */
  public SearchLoop(
      SearchStrategy strategy,
      SearchMode mode,
      Function<Proposal, List<EvaluationTask>> tasks,
      FitnessEstimator appraisal,
      JournalledExecutor scorer,
      Consumer<SearchStrategy> told) {
    this.strategy = strategy;
    this.mode = mode;
    this.tasks = tasks;
    this.appraisal = appraisal;
    this.scorer = scorer;
    this.told = told;
  }

  /** Goes through the journal, and on from its end to that of the search. */
  public void run() {
    replay();
    lacking.keySet().forEach(candidate -> scorer.submit(group(candidate)));
    while (!strategy.finished()) {
      propose();
      if (!lacking.isEmpty()) {
        EvaluationTask task = scorer.take().task();
        evaluated(task);
      }
    }
  }

  private void replay() {
    Set<EvaluationTask> known = new HashSet<>();
    for (JournalEntry entry : List.copyOf(scorer.journal().entries())) {
      if (entry instanceof JournalEntry.Evaluated record) {
        known.add(record.evaluation().task());
        evaluated(record.evaluation().task());
      } else if (entry instanceof JournalEntry.Decided record) {
        int seen = outcomes;
        Optional<Proposal> again = strategy.ask();
        boolean same =
            again.isPresent()
                && again.get().equals(record.proposal())
                && record.number() == decisions
                && record.told() == seen;
        if (!same) {
          throw BadInputException.of(
              "Decision %d in the journal is not the one that this version makes after the same"
                  + " outcomes: the run was begun by another version, or its journal was changed; go on"
                  + " with the version in run.json, or begin a new run.",
              record.number());
        }
        decided(again.get(), known);
      }
    }
  }

  /** Proposals for every evaluator that would else be free; all that there are in a generation. */
  private void propose() {
    while (mode == SearchMode.GENERATIONAL || scorer.wanted() > 0 || lacking.isEmpty()) {
      int seen = outcomes;
      Optional<Proposal> proposal = strategy.ask();
      if (proposal.isEmpty()) {
        return;
      }
      Candidate candidate = proposal.get().candidate();
      scorer.decided(decisions, seen, proposal.get());
      decided(proposal.get(), scorer.journal().evaluations().keySet());
      if (lacking.containsKey(candidate)) {
        scorer.submit(group(candidate));
      }
    }
  }

  /**
   * @param known tasks that had been evaluated by then, as baselines
   */
  private void decided(Proposal proposal, Set<EvaluationTask> known) {
    Candidate candidate = proposal.candidate();
    List<EvaluationTask> all = tasks.apply(proposal);
    groups.put(
        candidate,
        new TaskGroup(
            "generation-" + proposal.generation(),
            "candidate " + decisions + " (" + candidate.id() + ")",
            all));
    decisions++;
    Set<EvaluationTask> missing = new HashSet<>(all);
    missing.removeAll(known);
    missing.forEach(task -> candidates.put(task, candidate));
    lacking.put(candidate, missing);
    if (missing.isEmpty()) {
      tell(candidate);
    }
  }

  private void evaluated(EvaluationTask task) {
    Candidate candidate = candidates.remove(task);
    if (candidate != null) {
      Set<EvaluationTask> missing = missing(candidate);
      missing.remove(task);
      if (missing.isEmpty()) {
        tell(candidate);
      }
    }
  }

  private Set<EvaluationTask> missing(Candidate candidate) {
    return lacking.getOrDefault(candidate, Set.of());
  }

  private void tell(Candidate candidate) {
    List<EvaluationTask> all = group(candidate).tasks();
    lacking.remove(candidate);
    groups.remove(candidate);
    outcomes++;
    strategy.tell(candidate, appraisal.of(all));
    told.accept(strategy);
  }

  private TaskGroup group(Candidate candidate) {
    TaskGroup group = groups.get(candidate);
    if (group == null) {
      throw new IllegalStateException("Not under way: " + candidate);
    }
    return group;
  }
}
