package org.longrope.driver.execution.worker;

import org.jspecify.annotations.Nullable;
import org.longrope.datasets.EvaluationPartition;
import org.longrope.driver.execution.Evaluation;
import org.longrope.driver.execution.EvaluationTask;
import org.longrope.driver.execution.worker.ResidentPartitions.ResidentPartition;
import org.longrope.eval.BadInputException;
import org.longrope.eval.decoder.StopSignal;
import org.longrope.eval.decoder.StoppedException;
import org.longrope.eval.passkey.PasskeyPrompts;
import org.longrope.eval.perplexity.DocumentScore;
import org.longrope.eval.perplexity.Evaluator;
import org.longrope.eval.tokenizer.DocumentTokenizer;

/**
 * An evaluator of tasks: a resident model, a resident partition and, for protocols that write
 * prompts, the model's tokenizer. Safe for use by several threads.
 */
public final class EvaluationWorker implements AutoCloseable {
  private final LoadedModel model;
  private final ResidentPartition partition;
  private final Evaluator evaluator;

  private EvaluationWorker(LoadedModel model, ResidentPartition partition, Evaluator evaluator) {
    this.model = model;
    this.partition = partition;
    this.evaluator = evaluator;
  }

  /**
   * Returns a worker of this process, whose model and partition are loaded at their first use.
   *
   * @throws ExecutorFault if they cannot be loaded here
   */
  public static EvaluationWorker get(WorkerSpec spec, Gpus gpus) {
    ModelSpec modelSpec = spec.model();
    try {
      ResidentPartition partition =
          ResidentPartitions.get(spec.partition(), spec.partitionHash(), modelSpec.hadoop());
      LoadedModel model = ResidentModels.get(modelSpec, gpus);
      return model.use(
          StopSignal.NEVER,
          signal -> {
            PasskeyPrompts prompts = prompts(model, spec.tokenizerHash(), partition.partition());
            return new EvaluationWorker(model, partition, new Evaluator(model.model(), prompts));
          });
    } catch (ExecutorFault e) {
      throw e;
    } catch (RuntimeException e) {
      throw new ExecutorFault("it cannot load the model: " + e.getMessage(), e);
    }
  }

  private static @Nullable PasskeyPrompts prompts(
      LoadedModel model, @Nullable String tokenizerHash, EvaluationPartition partition) {
    if (tokenizerHash == null) {
      return null;
    }
    DocumentTokenizer tokenizer = model.tokenizer(tokenizerHash);
    return new PasskeyPrompts(tokenizer, partition.bosTokenId(tokenizer));
  }

  LoadedModel model() {
    return model;
  }

  /** Returns how long loading the model took, in seconds, at the first call, and 0 later. */
  public double takeLoadSeconds() {
    return model.takeLoadSeconds();
  }

  /**
   * Evaluates one task. A forward pass that fails on a healthy device rejects the rescaling. A
   * document that cannot be read is thrown: it says nothing about the rescaling.
   *
   * @throws BadInputException if the document cannot be read
   * @throws StoppedException when stopped
   * @throws ExecutorFault if the device fails, whatever the rescaling
   */
  public Evaluation evaluate(EvaluationTask task, StopSignal stop) {
    return model.use(stop, signal -> score(task, signal));
  }

  private Evaluation score(EvaluationTask task, StopSignal stop) {
    int[] sequence = partition.sequence(task.documentId());
    DocumentScore score;
    try {
      score = evaluator.score(task.documentId(), sequence, task.protocol(), task.rescaling(), stop);
    } catch (BadInputException | StoppedException e) {
      throw e;
    } catch (RuntimeException e) {
      model.requireHealth(e);
      return new Evaluation.Rejected(task, "evaluation failed: " + e.getMessage());
    }
    if (!Double.isFinite(score.nll())) {
      return new Evaluation.Rejected(task, "Σ NLL is " + score.nll());
    }
    return new Evaluation.Scored(
        task, score, model.model().computeType(), model.model().hardware());
  }

  /** Closes the model, which other workers may have. */
  @Override
  public void close() {
    ResidentModels.discard(model);
  }
}
