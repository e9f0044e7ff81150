package org.longrope.driver.ledger;

import java.io.UncheckedIOException;
import java.util.ArrayDeque;
import java.util.ArrayList;
import java.util.Collection;
import java.util.List;
import java.util.Queue;
import java.util.function.Consumer;
import org.jspecify.annotations.Nullable;
import org.longrope.driver.files.HadoopDirectory;
import org.longrope.driver.scoring.Evaluation;
import org.longrope.driver.scoring.EvaluationTask;
import org.longrope.driver.scoring.Scorer;
import org.longrope.driver.scoring.TaskGroup;
import org.longrope.eval.perplexity.DocumentScore;

/**
 * A scorer that evaluates only what a ledger does not know, and keeps there what it evaluates.
 *
 * <p>In what type evaluators compute, and whether they give the ledger's very bits, only an answer
 * of theirs tells. So the first task that the ledger knows is evaluated all the same, and all
 * others that it knows are held back until then. If the bits are others, the ledger comes from
 * another kind of CPU or GPU, and is left alone. A run that is resumed is spared this by its
 * journal.
 */
public final class LedgerScorer implements Scorer, AutoCloseable {
  private final Scorer scorer;
  private final Ledger ledger;
  private final Consumer<String> warning;

  /** Answers that wait to be taken. */
  private final Queue<Evaluation> answers = new ArrayDeque<>();

  /** Of tasks that the ledger knows, while it is not known whether to believe it. */
  private List<TaskGroup> held = new ArrayList<>();

  /** The task under way that tells. */
  private @Nullable EvaluationTask touchstone;

  private @Nullable String computeType;
  private Belief belief = Belief.OPEN;
  private boolean writable = true;
  private long answered;

  private enum Belief {
    OPEN,
    PROVED,
    REFUTED
  }

  /**
   * @param journalled what the run has evaluated before
   * @param warning told a sentence if the ledger cannot be used, or no longer be written
   */
  public LedgerScorer(
      Scorer scorer, Ledger ledger, Collection<Evaluation> journalled, Consumer<String> warning) {
    this.scorer = scorer;
    this.ledger = ledger;
    this.warning = warning;
    for (Evaluation evaluation : journalled) {
      if (evaluation instanceof Evaluation.Scored scored) {
        compare(scored);
      }
    }
  }

  /** How many tasks the ledger has answered. */
  public long answered() {
    return answered;
  }

  @Override
  public void submit(TaskGroup group) {
    held.add(group);
    settle();
  }

  /** Evaluates what the ledger does not answer, and answers the rest as soon as it is believed. */
  private void settle() {
    List<TaskGroup> groups = held;
    held = new ArrayList<>();
    for (TaskGroup group : groups) {
      List<EvaluationTask> live = new ArrayList<>();
      List<EvaluationTask> waiting = new ArrayList<>();
      for (EvaluationTask task : group.tasks()) {
        if (belief == Belief.REFUTED || !ledger.knows(task, computeType)) {
          live.add(task);
        } else if (belief == Belief.PROVED) {
          answers.add(answer(task));
        } else if (touchstone == null) {
          touchstone = task;
          live.add(0, task);
        } else {
          waiting.add(task);
        }
      }
      if (!live.isEmpty()) {
        scorer.submit(new TaskGroup(group.phase(), group.description(), live));
      }
      if (!waiting.isEmpty()) {
        held.add(new TaskGroup(group.phase(), group.description(), waiting));
      }
    }
  }

  private Evaluation answer(EvaluationTask task) {
    Entry entry = computeType == null ? null : ledger.answer(task, computeType);
    if (entry == null) {
      throw new IllegalStateException("Not known: " + task);
    }
    // No evaluator's time: what a run cost is its own.
    DocumentScore score = new DocumentScore(task.documentId(), entry.nll(), entry.tokens(), 0);
    return new Evaluation.Scored(task, score, entry.computeType());
  }

  @Override
  public Evaluation take() {
    Evaluation known = answers.poll();
    if (known != null) {
      answered++;
      return known;
    }
    Evaluation live = scorer.take();
    if (live instanceof Evaluation.Scored scored) {
      compare(scored);
      keep(scored);
    }
    if (live.task().equals(touchstone)) {
      touchstone = null;
    }
    settle();
    return live;
  }

  private void compare(Evaluation.Scored scored) {
    if (computeType == null) {
      computeType = scored.computeType();
    }
    Entry there = ledger.answer(scored.task(), scored.computeType());
    if (belief != Belief.OPEN || there == null) {
      return;
    }
    belief = there.agrees(ledger.entry(scored)) ? Belief.PROVED : Belief.REFUTED;
    if (belief == Belief.REFUTED) {
      warning.accept(
          String.format(
              "the ledger %s has Σ NLL %s for what gives %s here: it comes from another kind of CPU or"
                  + " GPU and is not used; give each kind a --ledger of its own.",
              ledger.location(), there.nll(), scored.score().nll()));
    }
  }

  private void keep(Evaluation.Scored scored) {
    if (!writable
        || belief == Belief.REFUTED
        || ledger.answer(scored.task(), scored.computeType()) != null) {
      return;
    }
    write(() -> ledger.append(ledger.entry(scored)));
  }

  private void write(Runnable write) {
    try {
      write.run();
    } catch (UncheckedIOException e) {
      writable = false;
      warning.accept(
          HadoopDirectory.sentence(e)
              + "; the search goes on, its evaluations are not kept there.");
    }
  }

  @Override
  public int slots() {
    return scorer.slots();
  }

  /** Finishes what was kept; the scorer stays open. */
  @Override
  public void close() {
    if (writable) {
      write(ledger::close);
    }
  }
}
