package org.longrope.driver.execution.worker;

import java.util.OptionalInt;
import org.jspecify.annotations.Nullable;
import org.longrope.driver.execution.ModelTask;
import org.longrope.driver.execution.TaskRejection;
import org.longrope.driver.execution.TaskResult;
import org.longrope.driver.execution.Worker;
import org.longrope.driver.execution.worker.ResidentPartitions.ResidentPartition;
import org.longrope.eval.BadInputException;
import org.longrope.eval.decoder.ResidentModel;
import org.longrope.eval.decoder.StopSignal;
import org.longrope.eval.decoder.StoppedException;
import org.longrope.eval.tokenizer.DocumentTokenizer;

/**
 * A worker over the models and partitions that this process keeps resident. Safe for use by several
 * threads.
 */
public final class ModelWorker implements Worker {
  private final LoadedModel model;
  private final @Nullable String tokenizerHash;
  private final @Nullable ResidentPartition partition;
  private final TaskDocuments.@Nullable Inline inline;

  private ModelWorker(LoadedModel model, WorkerSpec spec) {
    this.model = model;
    tokenizerHash = spec.tokenizerHash();
    TaskDocuments documents = spec.documents();
    inline = documents instanceof TaskDocuments.Inline given ? given : null;
    partition =
        documents instanceof TaskDocuments.Partition named
            ? ResidentPartitions.get(named.path(), named.hash(), spec.model().hadoop())
            : null;
  }

  /**
   * Returns a worker of this process. Its model and its partition are loaded at their first use.
   *
   * @throws ExecutorFault if they cannot be loaded here
   */
  public static ModelWorker get(WorkerSpec spec, Gpus gpus) {
    try {
      return new ModelWorker(ResidentModels.get(spec.model(), gpus), spec);
    } catch (ExecutorFault e) {
      throw e;
    } catch (RuntimeException e) {
      throw new ExecutorFault("it cannot load the model: " + e.getMessage(), e);
    }
  }

  /** Returns a worker over a model that the caller has loaded and closes. */
  public static ModelWorker of(LoadedModel model, WorkerSpec spec) {
    return new ModelWorker(model, spec);
  }

  /**
   * Executes a task. A forward pass that fails on a healthy device, or gives no number, rejects the
   * task. Input that cannot be read is thrown: it says nothing about the task.
   *
   * @throws BadInputException if the input cannot be read
   * @throws StoppedException when stopped
   * @throws ExecutorFault if the device fails, whatever the task
   */
  public <R> TaskResult<R> execute(ModelTask<R> task, StopSignal stop) {
    return model.use(stop, signal -> run(task, signal));
  }

  private <R> TaskResult<R> run(ModelTask<R> task, StopSignal stop) {
    long begin = System.nanoTime();
    try {
      R result = task.run(this, stop);
      double seconds = (System.nanoTime() - begin) * 1e-9;
      return new TaskResult.Completed<>(
          task, result, model().computeType(), model().hardware(), seconds);
    } catch (BadInputException | StoppedException e) {
      throw e;
    } catch (TaskRejection e) {
      return new TaskResult.Rejected<>(task, String.valueOf(e.getMessage()));
    } catch (RuntimeException e) {
      model.requireHealth(e);
      return new TaskResult.Rejected<>(task, "evaluation failed: " + e.getMessage());
    }
  }

  @Override
  public ResidentModel model() {
    return model.model();
  }

  @Override
  public DocumentTokenizer tokenizer() {
    if (tokenizerHash == null) {
      throw new IllegalStateException("This worker was not given a tokenizer");
    }
    return model.tokenizer(tokenizerHash);
  }

  @Override
  public int[] sequence(String documentId) {
    if (partition != null) {
      return partition.sequence(documentId);
    }
    int[] sequence = inline == null ? null : inline.sequences().get(documentId);
    if (sequence == null) {
      throw new IllegalArgumentException("This worker has no document " + documentId);
    }
    return sequence;
  }

  @Override
  public OptionalInt bosTokenId() {
    return partition == null
        ? tokenizer().bosTokenId()
        : partition.partition().bosTokenId(tokenizer());
  }

  /** Returns the seconds that loading the model took, at the first call, and 0 later. */
  public double takeLoadSeconds() {
    return model.takeLoadSeconds();
  }

  /** Closes the model, whose device failed: the next task loads it again. */
  public void discard() {
    ResidentModels.discard(model);
  }
}
