package org.longrope.driver.execution.worker;

import ai.djl.Device;
import java.util.List;
import java.util.Map;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.atomic.AtomicReference;
import java.util.regex.Pattern;
import org.longrope.datasets.EvaluationPartition;
import org.longrope.driver.execution.Evaluation;
import org.longrope.driver.execution.EvaluationTask;
import org.longrope.eval.BadInputException;
import org.longrope.eval.decoder.Libtorch;
import org.longrope.eval.decoder.ResidentModel;
import org.longrope.eval.decoder.StopSignal;
import org.longrope.eval.decoder.StoppedException;
import org.longrope.eval.passkey.PasskeyPrompts;
import org.longrope.eval.perplexity.DocumentScore;
import org.longrope.eval.perplexity.Evaluator;
import org.longrope.eval.rope.RescaleFactors;
import org.longrope.eval.rope.Rescaling;
import org.longrope.eval.tokenizer.DocumentTokenizer;

/**
 * Answers tasks with a resident model, reading each document once, here. Safe for use by several
 * threads.
 */
public final class EvaluationWorker implements AutoCloseable {
  private static final Pattern MEMORY = Pattern.compile("(?i)out of memory|can't allocate memory");

  private final HostedModel host;
  private final Evaluator evaluator;
  private final EvaluationPartition partition;
  private final AtomicReference<Double> loadSeconds;
  private final Map<String, int[]> sequences = new ConcurrentHashMap<>();

  private EvaluationWorker(
      HostedModel host, Evaluator evaluator, EvaluationPartition partition, double loadSeconds) {
    this.host = host;
    this.evaluator = evaluator;
    this.partition = partition;
    this.loadSeconds = new AtomicReference<>(loadSeconds);
  }

  /**
   * Loads the model, onto whatever libtorch finds, and opens the partition, and the tokenizer if
   * the setup names it.
   *
   * @throws BadInputException if they are not those of the setup, or do not fit
   */
  public static EvaluationWorker start(WorkerSpec setup) {
    return start(setup, Libtorch.devices());
  }

  /**
   * @param devices the CPU, or the GPUs that the worker owns
   */
  static EvaluationWorker start(WorkerSpec setup, List<Device> devices) {
    long begin = System.nanoTime();
    ModelSpec model = setup.modelSetup();
    EvaluationPartition partition =
        EvaluationPartition.open(
            new org.apache.hadoop.fs.Path(setup.partition()), model.hadoop().configuration());
    HostedModel.requireHash(
        setup.partition(), setup.partitionHash(), partition.manifest().contentHash());
    HostedModel host = HostedModel.start(model, devices);
    try {
      String tokenizer = setup.tokenizerHash();
      Evaluator evaluator =
          new Evaluator(
              host.model(),
              tokenizer == null ? null : prompts(host.tokenizer(tokenizer), partition));
      return new EvaluationWorker(host, evaluator, partition, (System.nanoTime() - begin) * 1e-9);
    } catch (RuntimeException e) {
      host.close();
      throw e;
    }
  }

  private static PasskeyPrompts prompts(
      DocumentTokenizer tokenizer, EvaluationPartition partition) {
    return new PasskeyPrompts(tokenizer, partition.bosTokenId(tokenizer));
  }

  /** The model that tasks are answered with. */
  public ResidentModel model() {
    return host.model();
  }

  /** What loading it took, told once; 0 from then on. */
  public double takeLoadSeconds() {
    return loadSeconds.getAndSet(0.0);
  }

  /**
   * Answers one task. A forward pass that fails on a device that is well rejects the rescaling; a
   * document that cannot be read is no fault of it and is thrown.
   *
   * @throws StoppedException when stopped
   * @throws ExecutorFault if the device fails, whatever the rescaling
   */
  public Evaluation evaluate(EvaluationTask task, StopSignal stop) {
    return host.use(stop, signal -> answer(task, signal));
  }

  private Evaluation answer(EvaluationTask task, StopSignal stop) {
    int[] sequence = sequences.computeIfAbsent(task.documentId(), partition::sequence);
    DocumentScore score;
    try {
      score = evaluator.score(task.documentId(), sequence, task.protocol(), task.rescaling(), stop);
    } catch (BadInputException | StoppedException e) {
      throw e;
    } catch (RuntimeException e) {
      requireHealth(e);
      return new Evaluation.Rejected(task, "evaluation failed: " + e.getMessage());
    }
    if (!Double.isFinite(score.nll())) {
      return new Evaluation.Rejected(task, "Σ NLL is " + score.nll());
    }
    return new Evaluation.Scored(task, score, model().computeType(), model().hardware());
  }

  /**
   * All rescalings take the same memory, and a device that is well reads two tokens as they are.
   */
  private void requireHealth(RuntimeException failure) {
    String reason = String.valueOf(failure.getMessage()).strip().lines().findFirst().orElse("");
    if (MEMORY.matcher(String.valueOf(failure.getMessage())).find()) {
      throw new ExecutorFault("its memory is short: " + reason, failure);
    }
    try {
      int pairs = model().config().rope().pairs();
      model().nll(new int[] {0, 0}, 1, new Rescaling(RescaleFactors.uniform(pairs, 1), 0, 1));
    } catch (RuntimeException e) {
      throw new ExecutorFault("its device is lost: " + reason, e);
    }
  }

  /** Stops what is being evaluated and waits until the device is done with it. */
  @Override
  public void close() {
    host.close();
  }
}
