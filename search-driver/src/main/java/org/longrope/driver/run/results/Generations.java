package org.longrope.driver.run.results;

import java.util.ArrayList;
import java.util.HashMap;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.TreeMap;
import java.util.function.Function;
import org.longrope.driver.execution.EvaluationTask;
import org.longrope.driver.run.replay.FitnessEstimator;
import org.longrope.driver.run.replay.Journal;
import org.longrope.driver.run.replay.JournalEntry;
import org.longrope.driver.run.settings.SearchSettings;
import org.longrope.search.GenerationStats;
import org.longrope.search.Outcome;
import org.longrope.search.Proposal;
import org.longrope.search.SearchMode;
import org.longrope.search.genetic.GeneticConfig;

/**
 * What each generation of a run brought, told from the journal alone: a report needs no strategy
 * that decides as the run's did, and so reads runs of other versions.
 */
final class Generations {
  private final Function<Proposal, List<EvaluationTask>> tasks;
  private final FitnessEstimator appraisal;
  private final Journal journal;
  private final Map<EvaluationTask, Decision> owners = new HashMap<>();
  private final Map<Integer, Integer> decided = new TreeMap<>();
  private final List<Decision> told = new ArrayList<>();

  /** A candidate and those of its tasks that have no answer yet. */
  private record Decision(
      Proposal proposal, List<EvaluationTask> tasks, Set<EvaluationTask> lacking) {}

  private Generations(
      Function<Proposal, List<EvaluationTask>> tasks, FitnessEstimator appraisal, Journal journal) {
    this.tasks = tasks;
    this.appraisal = appraisal;
    this.journal = journal;
  }

  /**
   * The complete generations. Of a generational search they are those of its decisions; of an
   * asynchronous one each is as many answers as a generation has candidates, as they came.
   *
   * @param tasks that answer a proposal
   * @param appraisal of what they came to
   * @param finished whether the last generation is complete though it has fewer candidates
   */
  static List<GenerationStats> of(
      SearchSettings settings,
      Function<Proposal, List<EvaluationTask>> tasks,
      FitnessEstimator appraisal,
      Journal journal,
      boolean finished) {
    Generations read = new Generations(tasks, appraisal, journal);
    read.replay();
    return settings.mode() == SearchMode.ASYNCHRONOUS
            && settings.search() instanceof GeneticConfig places
        ? read.byAnswer(places, finished)
        : read.byDecision();
  }

  private void replay() {
    Set<EvaluationTask> known = new HashSet<>();
    for (JournalEntry entry : journal.entries()) {
      if (entry instanceof JournalEntry.Evaluated evaluated) {
        EvaluationTask task = evaluated.evaluation().task();
        known.add(task);
        Decision owner = owners.remove(task);
        if (owner != null) {
          owner.lacking.remove(task);
          tellIfWhole(owner);
        }
      } else if (entry instanceof JournalEntry.Decided record) {
        Proposal proposal = record.proposal();
        List<EvaluationTask> all = tasks.apply(proposal);
        Decision decision = new Decision(proposal, all, new HashSet<>(all));
        decision.lacking.removeAll(known);
        decision.lacking.forEach(task -> owners.put(task, decision));
        decided.merge(proposal.generation(), 1, Integer::sum);
        tellIfWhole(decision);
      }
    }
  }

  private void tellIfWhole(Decision decision) {
    if (decision.lacking.isEmpty()) {
      told.add(decision);
    }
  }

  private List<GenerationStats> byDecision() {
    List<GenerationStats> generations = new ArrayList<>();
    int total = 0;
    for (Map.Entry<Integer, Integer> generation : decided.entrySet()) {
      List<Decision> complete =
          told.stream().filter(one -> one.proposal.generation() == generation.getKey()).toList();
      if (complete.size() < generation.getValue()) {
        break;
      }
      List<Decision> onAll =
          complete.stream().filter(one -> one.proposal.documents().isEmpty()).toList();
      total += complete.size();
      generations.add(
          GenerationStats.of(generation.getKey(), outcomes(complete), outcomes(onAll), total));
    }
    return generations;
  }

  private List<GenerationStats> byAnswer(GeneticConfig places, boolean finished) {
    List<GenerationStats> generations = new ArrayList<>();
    int begin = 0;
    while (begin < told.size()) {
      int size =
          generations.isEmpty() ? places.population() : places.mutations() + places.crossovers();
      if (begin + size > told.size() && !finished) {
        break;
      }
      int end = Math.min(begin + size, told.size());
      generations.add(
          GenerationStats.of(generations.size(), outcomes(told.subList(begin, end)), end));
      begin = end;
    }
    return generations;
  }

  private List<Outcome> outcomes(List<Decision> decisions) {
    return decisions.stream().map(decision -> appraisal.of(decision.tasks)).toList();
  }
}
