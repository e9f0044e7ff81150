package org.longrope.driver.scoring;

import java.util.List;
import java.util.function.Consumer;
import org.longrope.eval.decoder.StopSignal;

/** Evaluates in this thread, without Spark: for tests and for telling the two apart. */
public final class InProcessScorer implements Scorer, AutoCloseable {
  private final EvaluationWorker worker;

  public InProcessScorer(WorkerSetup setup) {
    worker = EvaluationWorker.start(setup);
  }

  @Override
  public void score(List<EvaluationTask> tasks, Consumer<Evaluation> answers) {
    tasks.forEach(task -> answers.accept(worker.evaluate(task, StopSignal.NEVER)));
  }

  @Override
  public void close() {
    worker.close();
  }
}
