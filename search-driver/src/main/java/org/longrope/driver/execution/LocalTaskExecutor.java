package org.longrope.driver.execution;

import java.util.ArrayDeque;
import java.util.Queue;
import java.util.function.Function;
import org.longrope.driver.execution.worker.EvaluationWorker;

/** Evaluates in this thread, without Spark, one task at a time in their order. */
public final class LocalTaskExecutor implements TaskExecutor {
  private final Function<EvaluationTask, Evaluation> evaluate;
  private final Queue<EvaluationTask> waiting = new ArrayDeque<>();

  /**
   * @param evaluate answers a task, as {@link EvaluationWorker} does
   */
  public LocalTaskExecutor(Function<EvaluationTask, Evaluation> evaluate) {
    this.evaluate = evaluate;
  }

  @Override
  public void submit(TaskGroup group) {
    waiting.addAll(group.tasks());
  }

  @Override
  public Evaluation take() {
    EvaluationTask task = waiting.poll();
    if (task == null) {
      throw new IllegalStateException("Nothing was submitted that has not been answered");
    }
    return evaluate.apply(task);
  }

  @Override
  public int slots() {
    return 1;
  }
}
