package org.longrope.driver.store.cache;

import java.io.UncheckedIOException;
import java.util.ArrayDeque;
import java.util.ArrayList;
import java.util.Collection;
import java.util.Collections;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Queue;
import java.util.function.Consumer;
import org.jspecify.annotations.Nullable;
import org.longrope.driver.execution.Evaluation;
import org.longrope.driver.execution.EvaluationTask;
import org.longrope.driver.execution.TaskExecutor;
import org.longrope.driver.execution.TaskGroup;
import org.longrope.driver.store.files.HadoopDirectory;
import org.longrope.eval.perplexity.DocumentScore;

/**
 * A scorer that evaluates only what a ledger does not know, and keeps there what it evaluates.
 *
 * <p>In what type evaluators compute, and which {@link HardwareClass} of a ledger's answers has
 * their very bits, only an answer of theirs tells. So of each kind the first task that is asked for
 * is evaluated all the same, and all others are held back until then. If the bits are others, they
 * come from another kind of CPU or GPU, and are left alone; what is evaluated here is kept beside
 * them. A run that is resumed is spared this by its journal.
 */
public final class CachedExecutor implements TaskExecutor, AutoCloseable {
  private final TaskExecutor scorer;
  private final EvaluationCache ledger;
  private final Consumer<String> warning;

  /** Answers that wait to be taken. */
  private final Queue<Evaluation> answers = new ArrayDeque<>();

  /** Of tasks that the ledger knows, while it is not known whether to believe it. */
  private List<TaskGroup> held = new ArrayList<>();

  /** The tasks under way that tell, and of what. */
  private final Map<EvaluationTask, List<HardwareClass>> touchstones = new HashMap<>();

  /** Known, evaluated here too, and to be kept with the next that was not known. */
  private final List<CacheEntry> agreed = new ArrayList<>();

  private @Nullable String computeType;

  /** Hardware of the evaluator whose bits the believed answers have. */
  private @Nullable String hardware;

  private boolean warned;
  private boolean writable = true;
  private long answered;

  /**
   * @param journalled what the run has evaluated before
   * @param warning told a sentence if the ledger, or files of it, cannot be used, or no longer be
   *     written
   */
  public CachedExecutor(
      TaskExecutor scorer,
      EvaluationCache ledger,
      Collection<Evaluation> journalled,
      Consumer<String> warning) {
    this.scorer = scorer;
    this.ledger = ledger;
    this.warning = warning;
    String unusable = ledger.unusable();
    if (unusable != null) {
      warning.accept(unusable);
    }
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
        CacheEntry known = computeType == null ? null : ledger.answer(task, computeType);
        if (known != null) {
          answers.add(answer(task, known));
          continue;
        }
        List<HardwareClass> untested = ledger.untested(task, computeType);
        if (untested.isEmpty()) {
          live.add(task);
        } else if (touchstones.values().stream()
            .allMatch(others -> Collections.disjoint(others, untested))) {
          touchstones.put(task, untested);
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

  private Evaluation answer(EvaluationTask task, CacheEntry entry) {
    // No evaluator's time: what a run cost is its own.
    DocumentScore score = new DocumentScore(task.documentId(), entry.nll(), entry.tokens(), 0);
    return new Evaluation.Scored(task, score, entry.computeType(), hardware);
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
    if (touchstones.remove(live.task()) != null) {
      settle();
    }
    return live;
  }

  private void compare(Evaluation.Scored scored) {
    if (computeType == null) {
      computeType = scored.computeType();
      hardware = scored.hardware();
    }
    CacheEntry otherwise = ledger.compare(ledger.entry(scored));
    if (otherwise != null && !warned) {
      warned = true;
      warning.accept(
          String.format(
              "the ledger %s has Σ NLL %s for what gives %s here: it comes from another kind of CPU"
                  + " or GPU, and what does is evaluated again.",
              ledger.location(), otherwise.nll(), scored.score().nll()));
    }
  }

  private void keep(Evaluation.Scored scored) {
    if (!writable) {
      return;
    }
    agreed.add(ledger.entry(scored));
    if (ledger.answer(scored.task(), scored.computeType()) == null) {
      write(() -> agreed.forEach(ledger::append));
      agreed.clear();
    }
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
