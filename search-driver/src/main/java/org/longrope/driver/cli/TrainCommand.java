package org.longrope.driver.cli;

import java.io.IOException;
import java.util.ArrayList;
import java.util.List;
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
import org.longrope.eval.decoder.Libtorch;
import org.longrope.eval.tokenizer.DocumentTokenizer;
import org.longrope.eval.training.LearningRateDecay;
import org.longrope.eval.training.Replicas;
import org.longrope.eval.training.TrainingPlan;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Option;

@Section("Fine-tune")
@Command(
    name = "train",
    description = {
      "Trains a small Llama from scratch, or a checkpoint further.",
      "A new model needs --tokenizer and a shape, a checkpoint --model. The same command resumes"
          + " after a stop."
    },
    footer = {
      "bin/longrope train --data runs/quickstart/data --output runs/small \\",
      "    --tokenizer search-driver/demonstration --layers 2 --steps 20 --warmup-steps 2"
    })
final class TrainCommand implements Callable<Integer> {
  @Option(
      names = "--data",
      required = true,
      paramLabel = "DIR",
      description = "Partition to train on, as 'longrope prepare' writes it.")
  String data = "";

  @Option(
      names = "--output",
      required = true,
      paramLabel = "DIR",
      description = "Directory of the trained checkpoint.")
  FileLocation output = FileLocation.parse("");

  @Option(names = "--steps", required = true, paramLabel = "N", description = "Optimizer steps.")
  int steps;

  @Option(
      names = "--model",
      paramLabel = "DIR",
      description = "Hugging Face checkpoint to train further.")
  @Nullable FileLocation model;

  @Option(
      names = "--tokenizer",
      paramLabel = "DIR",
      description = "Directory of the tokenizer.json of a new model.")
  @Nullable FileLocation tokenizer;

  @Option(
      names = "--length",
      paramLabel = "N",
      description = "Tokens of a sequence. Default: the model's context window.")
  @Nullable Integer length;

  @Option(
      names = "--dtype",
      paramLabel = "T",
      description = "Type of the written weights: f32, bf16 or f16.")
  String dtype = "f32";

  @Mixin ModelShape shape = new ModelShape();
  @Mixin TrainingOptions training = new TrainingOptions(16, 1, 1e-3, 100, 0.1, 200);
  @Mixin HadoopOptions files = new HadoopOptions();
  @Mixin CommonOptions common = new CommonOptions();

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
          "Neither --model nor --tokenizer is given: expected a checkpoint to train further, or the"
              + " directory of a new model's tokenizer.json.");
    }
    System.out.println("Trained " + output);
    return 0;
  }

  private void train(EvaluationPartition partition, BaseModel origin, StoredFile directory)
      throws IOException {
    List<String> problems = new ArrayList<>();
    TrainingPlan plan =
        training.plan(
            length == null ? origin.config().rope().originalWindow() : length,
            steps,
            LearningRateDecay.LINEAR,
            false,
            problems);
    DType type = TrainingOptions.dtype(dtype, problems);
    if (!problems.isEmpty()) {
      throw new BadInputException(String.join("\n", problems));
    }
    partition.requireTokenizer(
        DocumentTokenizer.hash(origin.tokenizer()),
        String.valueOf(model == null ? tokenizer : model));
    Libtorch.useOperatorThreads(training.threads());
    DeviceLines.print(training.threads());
    try (WorkingCopy folder = WorkingCopy.of(directory)) {
      new TrainingRun(Training.plain(origin, plan), TrainingData.of(partition), folder)
          .run(
              partition.manifest().contentHash(),
              training.checkpointEvery,
              type,
              false,
              training.threads(),
              Replicas.ONE,
              Libtorch.device(),
              new TrainingProgress(plan));
    }
  }

  private BaseModel newModel(WorkingCopy copy, EvaluationPartition partition) {
    if (!copy.directory().resolve("tokenizer.json").isFile()) {
      throw BadInputException.of(
          "No tokenizer.json in %s: expected the directory of a fast tokenizer, as 'longrope"
              + " tokenizer' writes it; check --tokenizer.",
          copy.directory());
    }
    try (DocumentTokenizer opened = DocumentTokenizer.open(copy.path())) {
      return new BaseModel.New(
          shape.config(opened.vocabularySize()),
          training.seed,
          copy.path(),
          partition.manifest().bosTokenId());
    }
  }
}
