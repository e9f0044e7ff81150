package org.longrope.driver.run.results;

import java.util.ArrayList;
import java.util.HashSet;
import java.util.Iterator;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Set;
import org.longrope.driver.execution.EvaluationTask;
import org.longrope.driver.run.replay.BegunRun;
import org.longrope.driver.run.replay.CandidateTasks;
import org.longrope.driver.run.replay.Evaluations;
import org.longrope.driver.run.replay.FitnessEstimator;
import org.longrope.driver.run.replay.LogEntry;
import org.longrope.driver.run.replay.RunDirectory;
import org.longrope.driver.run.replay.RunLog;
import org.longrope.driver.run.replay.RunReplay;
import org.longrope.eval.rope.Rescaling;
import org.longrope.search.Outcome;

/**
 * Best candidates of a search by evaluated tokens, read from its journal alone. Only a candidate
 * that was evaluated on all documents by which the strategy compares can be the best; evaluations
 * on some of them cost their tokens all the same. A gradient costs as many forward passes as it
 * took the time of.
 *
 * <p>Answers that came between two decisions count in the order in which they were decided on: the
 * cost of a run does not depend on the number of executors.
 *
 * @param incumbents best candidates so far, each better than the one before
 * @param evaluatedTokens tokens of all candidates; a baseline counts where it is a candidate or a
 *     reference of the strategy, evaluations for the summary never count
 * @param baselines methods that the search has to beat, by name
 */
public record Trajectory(
    List<Incumbent> incumbents, long evaluatedTokens, Map<String, Rescaling> baselines) {

  /**
   * Best candidate so far.
   *
   * @param evaluatedTokens until then, Σ length over different evaluations
   * @param perplexity on the documents of the search
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
    BegunRun run = BegunRun.read(directory);
    return new Reader(run, run.log()).trajectory();
  }

  private static final class Reader {
    private final BegunRun run;
    private final RunLog log;
    private final Evaluations evaluations;
    private final FitnessEstimator estimator;
    private final double gradientCost;
    private final Set<EvaluationTask> answered = new HashSet<>();
    private final Set<EvaluationTask> decided = new HashSet<>();

    /** Decided and not yet counted, in the order of decision. */
    private final List<EvaluationTask> open = new ArrayList<>();

    private final Set<EvaluationTask> counted = new HashSet<>();
    private final Set<EvaluationTask> paid = new HashSet<>();
    private final List<Incumbent> incumbents = new ArrayList<>();
    private long tokens;
    private double best = Double.POSITIVE_INFINITY;

    Reader(BegunRun run, RunLog log) {
      this.run = run;
      this.log = log;
      evaluations = log.evaluations();
      estimator = run.estimator(evaluations);
      gradientCost = GradientCost.of(log);
    }

    Trajectory trajectory() {
      RunReplay replay = new RunReplay(run::tasks);
      boolean news = false;
      if (run.settings().search().usesReference()) {
        countReference();
      }
      for (LogEntry entry : log.entries()) {
        replay.apply(entry);
        if (entry instanceof LogEntry.Evaluated evaluated) {
          answered.add(evaluated.task());
          news = true;
        } else {
          if (news) {
            count();
            news = false;
          }
          List<RunReplay.Decision> decisions = replay.decisions();
          decisions.get(decisions.size() - 1).tasks().all().stream()
              .filter(decided::add)
              .forEach(open::add);
        }
      }
      count();
      return new Trajectory(incumbents, tokens, run.baselines(evaluations));
    }

    /** Counts all baselines: it takes them to know the reference of the estimator. */
    private void countReference() {
      run.baselines(evaluations).values().stream()
          .flatMap(baseline -> run.tasks(baseline).stream())
          .forEach(this::pay);
    }

    private void pay(EvaluationTask task) {
      if (paid.add(task)) {
        // Documents have the tokens that the search reads.
        long length = task.protocol().tokensRead(Integer.MAX_VALUE);
        tokens += task.gradient() ? Math.round(gradientCost * length) : length;
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
      counted.add(task);
      CandidateTasks whole = run.comparedTasks(rescaling);
      if (counted.containsAll(whole.all())
          && estimator.of(whole) instanceof Outcome.Fitness fitness
          && fitness.perplexity() < best) {
        best = fitness.perplexity();
        incumbents.add(new Incumbent(tokens, rescaling, best));
      }
    }
  }
}
