package org.longrope.driver.run;

import java.util.List;
import java.util.Optional;
import java.util.function.Consumer;
import java.util.function.Function;
import org.longrope.driver.execution.TaskGroup;
import org.longrope.driver.run.replay.CandidateTasks;
import org.longrope.driver.run.replay.FitnessEstimator;
import org.longrope.driver.run.replay.LogEntry;
import org.longrope.driver.run.replay.RunLog;
import org.longrope.driver.run.replay.RunReplay;
import org.longrope.driver.run.replay.RunReplay.Decision;
import org.longrope.driver.store.ResultStore;
import org.longrope.eval.BadInputException;
import org.longrope.search.Proposal;
import org.longrope.search.SearchMode;
import org.longrope.search.SearchStrategy;

/**
 * The conversation of a strategy with the executors: first as the log has it, then live. A decision
 * is logged before its candidate is evaluated, and an outcome is told when the candidate's last
 * document is logged. So the order of the records alone decides what every decision has seen, and a
 * replay makes each decision again.
 */
public final class SearchLoop {
  private final SearchStrategy strategy;
  private final SearchMode mode;
  private final RunReplay replay;
  private final FitnessEstimator estimator;
  private final RunLog log;
  private final ResultStore store;
  private final Consumer<SearchStrategy> listener;

  /** Number of records of the log that the replay has seen. */
  private int applied;

  /** Number of outcomes that the strategy was told. */
  private int told;

  /**
   * Prepares a search.
   *
   * @param tasks the evaluations of a proposal
   * @param log that the store appends to
   * @param listener called whenever the strategy was told an outcome
   */
  public SearchLoop(
      SearchStrategy strategy,
      SearchMode mode,
      Function<Proposal, CandidateTasks> tasks,
      FitnessEstimator estimator,
      RunLog log,
      ResultStore store,
      Consumer<SearchStrategy> listener) {
    this.strategy = strategy;
    this.mode = mode;
    this.estimator = estimator;
    this.log = log;
    this.store = store;
    this.listener = listener;
    replay = new RunReplay(tasks);
  }

  /** Replays the log and continues to the end of the search. */
  public void run() {
    int logged = log.entries().size();
    while (applied < logged) {
      if (log.entries().get(applied) instanceof LogEntry.Decided record) {
        requireSameDecision(record);
      }
      applyNext();
    }
    replay.open().forEach(this::submit);
    while (!strategy.finished()) {
      propose();
      if (!replay.isComplete()) {
        store.take();
        applyNext();
      }
    }
  }

  /** Applies the next record and tells the strategy the outcomes that it completes. */
  private void applyNext() {
    replay.apply(log.entries().get(applied++));
    while (told < replay.complete().size()) {
      Decision decision = replay.complete().get(told++);
      strategy.tell(decision.proposal().candidate(), estimator.of(decision.tasks()));
      listener.accept(strategy);
    }
  }

  private void requireSameDecision(LogEntry.Decided record) {
    Optional<Proposal> again = strategy.ask();
    boolean same =
        again.isPresent()
            && again.get().equals(record.proposal())
            && record.number() == replay.decisions().size()
            && record.told() == told;
    if (!same) {
      throw BadInputException.of(
          "Decision %d in the log is not the one that this version makes after the same outcomes:"
              + " the run was begun by another version, or its log was changed; resume it with the"
              + " version in run.json, or begin a new run.",
          record.number());
    }
  }

  /** Asks for proposals while a slot would be free; in a generation for all that there are. */
  private void propose() {
    while (mode == SearchMode.GENERATIONAL || store.wanted() > 0 || replay.isComplete()) {
      int seen = told;
      Optional<Proposal> proposal = strategy.ask();
      if (proposal.isEmpty()) {
        return;
      }
      int number = replay.decisions().size();
      store.append(() -> log.append(number, seen, proposal.get()));
      applyNext();
      Decision decision = replay.decisions().get(number);
      if (!decision.isComplete()) {
        submit(decision);
      }
    }
  }

  private void submit(Decision decision) {
    Proposal proposal = decision.proposal();
    store.submit(
        new TaskGroup(
            "generation-" + proposal.generation(),
            "candidate " + decision.number() + " (" + proposal.candidate().id() + ")",
            decision.number(),
            List.copyOf(decision.tasks().all())));
  }
}
