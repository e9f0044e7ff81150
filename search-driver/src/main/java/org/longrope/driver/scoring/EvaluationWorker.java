package org.longrope.driver.scoring;

import java.nio.file.Path;
import java.util.Map;
import java.util.concurrent.ConcurrentHashMap;
import org.apache.hadoop.conf.Configuration;
import org.longrope.datasets.EvaluationPartition;
import org.longrope.eval.BadInputException;
import org.longrope.eval.checkpoint.Checkpoint;
import org.longrope.eval.decoder.AttentionWindow;
import org.longrope.eval.decoder.Libtorch;
import org.longrope.eval.decoder.ResidentModel;
import org.longrope.eval.decoder.StopSignal;
import org.longrope.eval.decoder.StoppedException;
import org.longrope.eval.perplexity.DocumentScore;
import org.longrope.eval.perplexity.Evaluator;

/**
 * Answers tasks with a resident model, reading each document once, here. Safe for use by several
 * threads.
 */
public final class EvaluationWorker implements AutoCloseable {
  /** One for each setup in this process: executors keep their model from task to task. */
  private static final Map<WorkerSetup, EvaluationWorker> RESIDENT = new ConcurrentHashMap<>();

  private final ResidentModel model;
  private final Evaluator evaluator;
  private final EvaluationPartition partition;
  private final Map<String, int[]> sequences = new ConcurrentHashMap<>();

  private EvaluationWorker(ResidentModel model, EvaluationPartition partition) {
    this.model = model;
    this.partition = partition;
    evaluator = new Evaluator(model);
  }

  /** Loads the model and opens the partition. */
  public static EvaluationWorker start(WorkerSetup setup) {
    Libtorch.useThreads(setup.threads());
    Configuration hadoop = new Configuration();
    setup.hadoop().forEach(hadoop::set);
    EvaluationPartition partition =
        EvaluationPartition.open(new org.apache.hadoop.fs.Path(setup.partition()), hadoop);
    ResidentModel model =
        ResidentModel.load(
            Checkpoint.open(Path.of(setup.model())),
            AttentionWindow.parse(setup.attentionWindow()),
            setup.longestWindow());
    return new EvaluationWorker(model, partition);
  }

  /** The worker of this process for the setup, started at its first use. */
  static EvaluationWorker resident(WorkerSetup setup) {
    return RESIDENT.computeIfAbsent(setup, EvaluationWorker::start);
  }

  /** The model that this process's tasks of the setup are answered with; loaded at first use. */
  public static ResidentModel residentModel(WorkerSetup setup) {
    return resident(setup).model;
  }

  /** Ends the workers that {@link #resident} started in this process. */
  static void closeResident() {
    RESIDENT
        .values()
        .removeIf(
            worker -> {
              worker.close();
              return true;
            });
  }

  /**
   * Answers one task. Whatever goes wrong in the forward pass rejects the rescaling; a document or
   * model that cannot be read is no fault of it and is thrown.
   *
   * @throws StoppedException when stopped
   */
  public Evaluation evaluate(EvaluationTask task, StopSignal stop) {
    int[] sequence = sequences.computeIfAbsent(task.documentId(), partition::sequence);
    DocumentScore score;
    try {
      score = evaluator.score(task.documentId(), sequence, task.protocol(), task.rescaling(), stop);
    } catch (BadInputException | StoppedException e) {
      throw e;
    } catch (RuntimeException e) {
      return new Evaluation.Rejected(task, "evaluation failed: " + e.getMessage());
    }
    if (!Double.isFinite(score.nll())) {
      return new Evaluation.Rejected(task, "Σ NLL is " + score.nll());
    }
    return new Evaluation.Scored(task, score, model.computeType());
  }

  @Override
  public void close() {
    model.close();
  }
}
