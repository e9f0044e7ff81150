package org.longrope.driver.cli;

import java.io.IOException;
import java.util.ArrayList;
import java.util.Collections;
import java.util.List;
import java.util.Locale;
import java.util.concurrent.Callable;
import org.apache.hadoop.conf.Configuration;
import org.jspecify.annotations.Nullable;
import org.longrope.datasets.EvaluationPartition;
import org.longrope.driver.execution.worker.ModelCache;
import org.longrope.driver.store.files.FileLocation;
import org.longrope.driver.store.files.StoredFile;
import org.longrope.driver.store.files.WorkingCopy;
import org.longrope.driver.training.BaseModel;
import org.longrope.driver.training.Training;
import org.longrope.driver.training.TrainingData;
import org.longrope.driver.training.TrainingRun;
import org.longrope.eval.BadInputException;
import org.longrope.eval.checkpoint.Checkpoint;
import org.longrope.eval.checkpoint.DType;
import org.longrope.eval.checkpoint.ModelConfig;
import org.longrope.eval.decoder.Libtorch;
import org.longrope.eval.rope.RopeGeometry;
import org.longrope.eval.tokenizer.DocumentTokenizer;
import org.longrope.eval.training.LearningRateDecay;
import org.longrope.eval.training.Replicas;
import org.longrope.eval.training.TrainingPlan;
import picocli.CommandLine.ArgGroup;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Option;

@Command(
    name = "train",
    description = {
      "Trains a Llama from scratch (--tokenizer and a shape) or goes on with a checkpoint"
          + " (--model).",
      "The same command given again goes on where it stopped."
    })
final class TrainCommand implements Callable<Integer> {
  @Option(names = "--data", required = true, paramLabel = "DIR", description = "The partition.")
  String data = "";

  @Option(names = "--output", required = true, paramLabel = "DIR", description = "The checkpoint.")
  FileLocation output = FileLocation.parse("");

  @Option(names = "--model", paramLabel = "DIR", description = "Checkpoint to go on from.")
  @Nullable FileLocation model;

  @Option(names = "--tokenizer", paramLabel = "DIR", description = "Tokenizer of a new model.")
  @Nullable FileLocation tokenizer;

  @ArgGroup(validate = false, heading = "Shape of a new model:%n")
  Shape shape = new Shape();

  @Option(names = "--length", paramLabel = "N", description = "Tokens a sequence; default: window.")
  @Nullable Integer length;

  @Option(names = "--batch", description = "Sequences a step; default ${DEFAULT-VALUE}.")
  int batch = 16;

  @Option(names = "--accumulation", description = "Parts of a batch; default ${DEFAULT-VALUE}.")
  int accumulation = 1;

  @Option(names = "--steps", required = true, description = "Optimizer steps.")
  int steps;

  @Option(names = "--learning-rate", description = "Peak; default ${DEFAULT-VALUE}.")
  double learningRate = 1e-3;

  @Option(names = "--warmup-steps", description = "Default ${DEFAULT-VALUE}.")
  int warmupSteps = 100;

  @Option(names = "--weight-decay", description = "Default ${DEFAULT-VALUE}.")
  double weightDecay = 0.1;

  @Option(names = "--max-gradient-norm", description = "Default ${DEFAULT-VALUE}.")
  double maxGradientNorm = 1;

  @Option(names = "--seed", description = "Of weights and data order; default ${DEFAULT-VALUE}.")
  long seed = 42;

  @Option(names = "--dtype", description = "f32, bf16 or f16 for the result; default f32.")
  String dtype = "f32";

  @Option(
      names = "--checkpoint-every",
      paramLabel = "STEPS",
      description = "Steps between saved states; default ${DEFAULT-VALUE}.")
  int checkpointEvery = 200;

  @Option(names = "--threads", description = "Default: all cores.")
  int threads = Runtime.getRuntime().availableProcessors();

  @Mixin HadoopOptions files = new HadoopOptions();
  @Mixin CommonOptions common = new CommonOptions();

  /** Options that only a new model has. */
  static final class Shape {
    @Option(names = "--hidden-size", description = "Default ${DEFAULT-VALUE}.")
    int hiddenSize = 256;

    @Option(names = "--intermediate-size", description = "Default ${DEFAULT-VALUE}.")
    int intermediateSize = 704;

    @Option(names = "--layers", description = "Default ${DEFAULT-VALUE}.")
    int layers = 4;

    @Option(names = "--heads", description = "Query heads; default ${DEFAULT-VALUE}.")
    int heads = 4;

    @Option(names = "--key-value-heads", description = "Default: as many as heads.")
    @Nullable Integer keyValueHeads;

    @Option(names = "--window", description = "Positions; default ${DEFAULT-VALUE}.")
    int window = 256;

    @Option(names = "--rope-theta", description = "Base of RoPE; default ${DEFAULT-VALUE}.")
    double ropeTheta = 10_000;

    ModelConfig config(int vocabulary) {
      int groups = keyValueHeads == null ? heads : keyValueHeads;
      if (heads < 1 || groups < 1 || heads % groups != 0 || hiddenSize % (2 * heads) != 0) {
        throw BadInputException.of(
            "Hidden size %d with %d heads and %d key-value heads is no shape: expected heads to"
                + " divide half the hidden size, and key-value heads to divide heads.",
            hiddenSize, heads, groups);
      }
      int headDimension = hiddenSize / heads;
      return new ModelConfig(
          "llama",
          hiddenSize,
          intermediateSize,
          layers,
          heads,
          groups,
          headDimension,
          vocabulary,
          1e-5,
          true,
          false,
          false,
          false,
          new RopeGeometry(headDimension, ropeTheta, window),
          Collections.nCopies(layers, 0));
    }
  }

  @Override
  public Integer call() throws IOException {
    Configuration hadoop = files.hadoop();
    StoredFile directory = output.on(hadoop);
    TrainingRun.requireUnfinished(directory);
    EvaluationPartition partition =
        EvaluationPartition.open(new org.apache.hadoop.fs.Path(data), hadoop);
    if (model != null) {
      Checkpoint checkpoint =
          ModelCache.ofHost().open(model.text(), null, hadoop).requireOriginal();
      train(partition, new BaseModel.Continued(checkpoint, model.text()), directory);
    } else if (tokenizer != null) {
      try (WorkingCopy copy = WorkingCopy.of(tokenizer.on(hadoop))) {
        copy.fetchAll(name -> name.endsWith(".json"));
        train(partition, newModel(copy, partition), directory);
      }
    } else {
      throw new BadInputException(
          "Neither --model nor --tokenizer is given: name a checkpoint to go on from, or the"
              + " directory of a new model's tokenizer.json.");
    }
    System.out.println("Trained " + output);
    return 0;
  }

  private void train(EvaluationPartition partition, BaseModel origin, StoredFile directory)
      throws IOException {
    TrainingPlan plan =
        new TrainingPlan(
            length == null ? origin.config().rope().originalWindow() : length,
            batch,
            accumulation,
            steps,
            learningRate,
            warmupSteps,
            LearningRateDecay.LINEAR,
            weightDecay,
            maxGradientNorm,
            seed,
            false);
    List<String> problems = new ArrayList<>(plan.problems());
    if (!(checkpointEvery >= 1)) {
      problems.add("--checkpoint-every is " + checkpointEvery + ": expected 1 or more.");
    }
    if (!(threads >= 1)) {
      problems.add("--threads is " + threads + ": expected 1 or more.");
    }
    DType type = type(problems);
    if (!problems.isEmpty()) {
      throw new BadInputException(String.join("\n", problems));
    }
    partition.requireTokenizer(
        DocumentTokenizer.hash(origin.tokenizer()),
        String.valueOf(model == null ? tokenizer : model));
    Libtorch.useOperatorThreads(threads);
    DeviceLines.print(threads);
    try (WorkingCopy folder = WorkingCopy.of(directory)) {
      new TrainingRun(Training.plain(origin, plan), TrainingData.of(partition), folder)
          .run(
              partition.manifest().contentHash(),
              checkpointEvery,
              type,
              false,
              threads,
              Replicas.ONE,
              Libtorch.device(),
              new TrainingProgress(plan));
    }
  }

  private DType type(List<String> problems) {
    try {
      return DType.valueOf(dtype.toUpperCase(Locale.ROOT));
    } catch (IllegalArgumentException e) {
      problems.add("--dtype is " + dtype + ": expected f32, bf16 or f16.");
      return DType.F32;
    }
  }

  private BaseModel newModel(WorkingCopy copy, EvaluationPartition partition) {
    if (!copy.directory().resolve("tokenizer.json").isFile()) {
      throw BadInputException.of(
          "No tokenizer.json in %s: expected the directory of a fast tokenizer, as 'longrope"
              + " tokenizer' makes it; put it there, or check --tokenizer.",
          copy.directory());
    }
    try (DocumentTokenizer opened = DocumentTokenizer.open(copy.path())) {
      return new BaseModel.New(
          shape.config(opened.vocabularySize()),
          seed,
          copy.path(),
          partition.manifest().bosTokenId());
    }
  }
}
