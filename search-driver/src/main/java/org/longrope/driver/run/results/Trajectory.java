package org.longrope.driver.run.results;

import java.util.ArrayList;
import java.util.HashSet;
import java.util.Iterator;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Set;
import org.longrope.driver.execution.EvaluationTask;
import org.longrope.driver.run.SearchRun;
import org.longrope.driver.run.replay.Journal;
import org.longrope.driver.run.replay.JournalEntry;
import org.longrope.driver.run.replay.RunDirectory;
import org.longrope.eval.rope.Rescaling;
import org.longrope.search.Outcome;
import org.longrope.search.cmaes.CmaEsConfig;

/**
 * What a search had found after how much reading, told from its journal alone. Only a candidate
 * that was read on all of the search's documents can be the best; reading it on some of them costs
 * their tokens all the same.
 *
 * <p>Answers that came between two decisions count in the order in which they were decided on: what
 * a run cost does not depend on how many executors answered.
 *
 * @param incumbents each better than the one before
 * @param evaluatedTokens read for candidates in all; a baseline counts where it is a candidate too,
 *     or candidates are told from others by it, the summary's evaluations never do
 * @param baselines what the search has to beat, by name
 */
public record Trajectory(
    List<Incumbent> incumbents, long evaluatedTokens, Map<String, Rescaling> baselines) {

  /**
   * The best so far.
   *
   * @param evaluatedTokens read by then, Σ length over different evaluations
   * @param perplexity on the search's documents
   */
  public record Incumbent(long evaluatedTokens, Rescaling rescaling, double perplexity) {}

  public Trajectory {
    incumbents = List.copyOf(incumbents);
    baselines = new LinkedHashMap<>(baselines);
  }

  /**
   * Reads a run, finished or not.
   *
   * @throws org.longrope.eval.BadInputException if it is damaged
   */
  public static Trajectory of(RunDirectory directory) {
    SearchRun run = SearchRun.read(directory);
    return new Replay(run, Journal.open(directory)).trajectory();
  }

  private static final class Replay {
    private final SearchRun run;
    private final Journal journal;
    private final Set<EvaluationTask> answered = new HashSet<>();
    private final Set<EvaluationTask> decided = new HashSet<>();

    /** Decided on and not yet counted, in the order of decision. */
    private final List<EvaluationTask> open = new ArrayList<>();

    private final Map<Rescaling, Set<EvaluationTask>> counted = new LinkedHashMap<>();
    private final Set<EvaluationTask> paid = new HashSet<>();
    private final List<Incumbent> incumbents = new ArrayList<>();
    private long tokens;
    private double best = Double.POSITIVE_INFINITY;

    Replay(SearchRun run, Journal journal) {
      this.run = run;
      this.journal = journal;
    }

    Trajectory trajectory() {
      boolean news = false;
      if (run.settings().search() instanceof CmaEsConfig) {
        countReference();
      }
      for (JournalEntry entry : journal.entries()) {
        if (entry instanceof JournalEntry.Evaluated evaluated) {
          answered.add(evaluated.evaluation().task());
          news = true;
        } else if (entry instanceof JournalEntry.Decided record) {
          if (news) {
            count();
            news = false;
          }
          run.tasks(record.proposal()).stream().filter(decided::add).forEach(open::add);
        }
      }
      count();
      return new Trajectory(incumbents, tokens, run.baselines(journal));
    }

    /** It takes all baselines to know which is the best, by which a document stands for all. */
    private void countReference() {
      run.baselines(journal).values().stream()
          .flatMap(baseline -> run.tasks(baseline).stream())
          .forEach(this::pay);
    }

    private void pay(EvaluationTask task) {
      if (paid.add(task)) {
        tokens += task.protocol().length();
      }
    }

    private void count() {
      Iterator<EvaluationTask> waiting = open.iterator();
      while (waiting.hasNext()) {
        EvaluationTask task = waiting.next();
        if (answered.contains(task)) {
          waiting.remove();
          count(task);
        }
      }
    }

    private void count(EvaluationTask task) {
      pay(task);
      Rescaling rescaling = task.rescaling();
      Set<EvaluationTask> read = counted.computeIfAbsent(rescaling, none -> new HashSet<>());
      read.add(task);
      List<EvaluationTask> whole = run.tasks(rescaling);
      if (read.containsAll(whole)
          && journal.outcome(whole) instanceof Outcome.Fitness fitness
          && fitness.perplexity() < best) {
        best = fitness.perplexity();
        incumbents.add(new Incumbent(tokens, rescaling, best));
      }
    }
  }
}
