package org.longrope.driver.cli;

import java.io.IOException;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.concurrent.Callable;
import org.apache.hadoop.conf.Configuration;
import org.apache.spark.api.java.JavaSparkContext;
import org.jspecify.annotations.Nullable;
import org.longrope.datasets.EvaluationPartition;
import org.longrope.driver.execution.worker.ModelCache;
import org.longrope.driver.factors.FactorFiles;
import org.longrope.driver.factors.FactorSet;
import org.longrope.driver.measure.perplexity.RescalingChoice;
import org.longrope.driver.recipe.ArtifactCatalog;
import org.longrope.driver.recipe.CostEstimate;
import org.longrope.driver.recipe.RecipeCommand;
import org.longrope.driver.store.files.FileLocation;
import org.longrope.driver.store.files.HadoopSettings;
import org.longrope.driver.store.files.StoredFile;
import org.longrope.driver.training.FinetuneRequest;
import org.longrope.driver.training.ReplicatedTraining;
import org.longrope.driver.training.TrainingCurve;
import org.longrope.driver.training.TrainingRun;
import org.longrope.eval.BadInputException;
import org.longrope.eval.checkpoint.Checkpoint;
import org.longrope.eval.checkpoint.DType;
import org.longrope.eval.checkpoint.ModelConfig;
import org.longrope.eval.decoder.AttentionWindow;
import org.longrope.eval.decoder.Libtorch;
import org.longrope.eval.rope.RopeMethod;
import org.longrope.eval.tokenizer.DocumentTokenizer;
import org.longrope.eval.training.FactorSchedule;
import org.longrope.eval.training.LearningRateDecay;
import org.longrope.eval.training.Lora;
import org.longrope.eval.training.Replicas;
import org.longrope.eval.training.TrainingPlan;
import picocli.CommandLine.ArgGroup;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Option;

@Command(
    name = "finetune",
    description = {
      "Fine-tunes a model with found factors, so that it reads long texts as well as short ones.",
      "--factors and --steps may be given again: the phases of a schedule.",
      "The same command given again goes on where it stopped."
    })
final class FinetuneCommand implements Callable<Integer>, RecipeCommand {
  @Option(names = "--model", required = true, paramLabel = "DIR", description = "Checkpoint.")
  FileLocation model = FileLocation.parse("");

  @Option(names = "--data", required = true, paramLabel = "DIR", description = "The partition.")
  String data = "";

  @ArgGroup(exclusive = false, multiplicity = "1..*")
  List<Phase> phases = new ArrayList<>();

  static final class Phase {
    @Option(
        names = "--factors",
        required = true,
        paramLabel = "FILE",
        description = "factors.json, a CSV row or a Hugging Face config.json.")
    FileLocation factors = FileLocation.parse("");

    @Option(
        names = "--steps",
        required = true,
        paramLabel = "N",
        description = "Optimizer steps with these factors.")
    int steps;
  }

  @Option(names = "--length", required = true, paramLabel = "N", description = "Tokens a sequence.")
  int length;

  @Option(names = "--output", required = true, paramLabel = "DIR", description = "The checkpoint.")
  FileLocation output = FileLocation.parse("");

  @Option(names = "--batch", description = "Sequences a step; default ${DEFAULT-VALUE}.")
  int batch = 32;

  @Option(
      names = "--accumulation",
      description = "Parts of a batch; default: as many as sequences, one at a time.")
  @Nullable Integer accumulation;

  @Option(names = "--learning-rate", description = "Peak; default ${DEFAULT-VALUE}.")
  double learningRate = 2e-5;

  @Option(names = "--decay", description = "linear or constant; default ${DEFAULT-VALUE}.")
  String decay = "linear";

  @Option(names = "--warmup-steps", description = "Default ${DEFAULT-VALUE}.")
  int warmupSteps = 20;

  @Option(names = "--weight-decay", description = "Default ${DEFAULT-VALUE}.")
  double weightDecay;

  @Option(names = "--max-gradient-norm", description = "Default ${DEFAULT-VALUE}.")
  double maxGradientNorm = 1;

  @Mixin LoraOptions changes = new LoraOptions();

  @Option(names = "--seed", description = "Of the order of the data; default ${DEFAULT-VALUE}.")
  long seed = 42;

  @Option(names = "--dtype", description = "f32, bf16 or f16; default: the checkpoint's.")
  @Nullable String dtype;

  @Option(
      names = "--checkpoint-every",
      paramLabel = "STEPS",
      description = "Steps between saved states; default ${DEFAULT-VALUE}.")
  int checkpointEvery = 50;

  @Option(names = "--threads", description = "Default: all cores, with --replicas 1.")
  @Nullable Integer threads;

  @Option(
      names = "--replicas",
      paramLabel = "N",
      description = "Train on so many executors of Spark, each with its part of every batch.")
  @Nullable Integer replicas;

  @Mixin SparkOptions spark = new SparkOptions();
  @Mixin CommonOptions common = new CommonOptions();

  @Override
  public Integer call() throws IOException {
    Configuration hadoop = spark.hadoop();
    StoredFile directory = output.on(hadoop);
    TrainingRun.requireUnfinished(directory);
    Checkpoint checkpoint = ModelCache.ofHost().open(model.text(), null, hadoop).requireOriginal();
    List<String> problems = new ArrayList<>();
    List<FactorSet> factors =
        phases.stream()
            .map(phase -> FactorFiles.read(phase.factors.on(hadoop), Progress::warn))
            .toList();
    FactorSchedule schedule = schedule(checkpoint.config(), factors, problems);
    TrainingPlan plan = plan(schedule.steps(), problems);
    Lora lowRank = changes.read(checkpoint.config(), problems);
    DType type = type(checkpoint, problems);
    if (!problems.isEmpty()) {
      throw new BadInputException(String.join("\n", problems));
    }
    EvaluationPartition partition =
        EvaluationPartition.open(new org.apache.hadoop.fs.Path(data), hadoop);
    if (DocumentTokenizer.isIn(checkpoint.directory())) {
      partition.requireTokenizer(DocumentTokenizer.hash(checkpoint.directory()), model.toString());
    }
    requireLongDocument(partition);
    warnOfAttentionWindow(checkpoint.config(), factors.get(factors.size() - 1));
    FinetuneRequest request =
        new FinetuneRequest(
            model.absolute(),
            checkpoint.sha256(),
            EvaluationPartition.qualified(data, hadoop),
            partition.manifest().contentHash(),
            HadoopSettings.of(hadoop),
            lowRank,
            plan,
            schedule,
            factors.get(factors.size() - 1),
            output.absolute(),
            type,
            changes.adapter,
            checkpointEvery,
            threads());
    if (replicas == null) {
      DeviceLines.print(request.threads());
      request.run(Replicas.ONE, Libtorch.device(), new TrainingProgress(plan));
    } else {
      runOnSpark(request, replicas, directory);
    }
    System.out.println("Fine-tuned " + output);
    return 0;
  }

  @Override
  public CostEstimate foresee(ArtifactCatalog known) {
    ArtifactCatalog.Model original = known.model(model.toString());
    List<String> problems = new ArrayList<>();
    int steps = 0;
    int reach = length;
    for (Phase phase : phases) {
      known.requirePairs(phase.factors, model.toString());
      Integer target = known.factors(phase.factors).length();
      if (target == null) {
        throw BadInputException.of(
            "%s does not say which length its factors are for: expected a factors.json.",
            phase.factors);
      }
      if (length > target) {
        problems.add(tooLong(phase.factors, target));
      }
      if (!(phase.steps >= 1)) {
        problems.add("--steps is " + phase.steps + ": expected 1 or more.");
      }
      reach = target;
      steps += phase.steps;
    }
    if (original.extended()) {
      problems.add(model + " is extended already: expected the original model.");
    }
    if (changes.adapter) {
      problems.add("--adapter leaves no model for other steps: leave it out.");
    }
    plan(Math.max(steps, 1), problems);
    changes.read(original.config(), problems);
    if (!problems.isEmpty()) {
      throw new BadInputException(String.join("\n", problems));
    }
    known.requireLength(data, "--length", length);
    known.promise(output.toString(), new ArtifactCatalog.Model(original.config(), reach, true));
    // Forward, once more layer by layer, and twice as much backward.
    return CostEstimate.of(model.toString(), Map.of(length, 4.0 * steps * batch));
  }

  /** What the first replica writes is read here for a person who waits. */
  private void runOnSpark(FinetuneRequest request, int count, StoredFile directory) {
    TrainingCurve curve = new TrainingCurve(directory);
    TrainingProgress progress = new TrainingProgress(request.plan());
    try (CurveWatch watch = new CurveWatch(curve::steps, progress, Duration.ofSeconds(1));
        JavaSparkContext context = spark.settings().start("longrope finetune")) {
      ReplicatedTraining.run(context, request, count);
    }
  }

  private int threads() {
    int cores = Runtime.getRuntime().availableProcessors();
    return threads != null ? threads : replicas == null ? cores : 1;
  }

  private FactorSchedule schedule(
      ModelConfig config, List<FactorSet> factors, List<String> problems) {
    List<FactorSchedule.Phase> schedule = new ArrayList<>();
    for (int i = 0; i < phases.size(); i++) {
      Phase phase = phases.get(i);
      FactorSet set = factors.get(i);
      set.requirePairs(config.rope().pairs(), phase.factors.toString());
      Integer target = set.targetLength();
      if (target != null && length > target) {
        problems.add(tooLong(phase.factors, target));
      }
      if (!(phase.steps >= 1)) {
        problems.add("--steps is " + phase.steps + ": expected 1 or more.");
      }
      schedule.add(
          new FactorSchedule.Phase(
              new RescalingChoice(RopeMethod.NONE, set, null, null, null).at(length, config.rope()),
              phase.steps));
    }
    return new FactorSchedule(schedule);
  }

  private String tooLong(FileLocation factors, int target) {
    return String.format(
        Locale.ROOT,
        "--length is %d and %s was found for %d tokens: expected no more than that.",
        length,
        factors,
        target);
  }

  private TrainingPlan plan(int steps, List<String> problems) {
    LearningRateDecay after = LearningRateDecay.LINEAR;
    try {
      after = LearningRateDecay.valueOf(decay.toUpperCase(Locale.ROOT));
    } catch (IllegalArgumentException e) {
      problems.add("--decay is " + decay + ": expected linear or constant.");
    }
    TrainingPlan plan =
        new TrainingPlan(
            length,
            batch,
            accumulation == null ? batch : accumulation,
            steps,
            learningRate,
            warmupSteps,
            after,
            weightDecay,
            maxGradientNorm,
            seed,
            true);
    problems.addAll(plan.problems());
    if (!(checkpointEvery >= 1)) {
      problems.add("--checkpoint-every is " + checkpointEvery + ": expected 1 or more.");
    }
    if (threads != null && !(threads >= 1)) {
      problems.add("--threads is " + threads + ": expected 1 or more.");
    }
    if (replicas != null && !(replicas >= 1 && replicas <= plan.accumulation())) {
      problems.add(
          "--replicas is "
              + replicas
              + ": expected 1 to the parts of a batch, "
              + plan.accumulation()
              + ".");
    }
    return plan;
  }

  private DType type(Checkpoint checkpoint, List<String> problems) {
    if (dtype == null) {
      return checkpoint.dtype();
    }
    try {
      return DType.valueOf(dtype.toUpperCase(Locale.ROOT));
    } catch (IllegalArgumentException e) {
      problems.add("--dtype is " + dtype + ": expected f32, bf16 or f16.");
      return DType.F32;
    }
  }

  private void warnOfAttentionWindow(ModelConfig config, FactorSet set) {
    AttentionWindow window = set.attentionWindow();
    if (window != null && !window.windows(config).equals(config.attentionWindows())) {
      Progress.warn(
          String.format(
              "The factors were found with attention window %s, and the model is trained and"
                  + " written with that of its config.json: to train with the other, say it there.",
              window));
    }
  }

  /**
   * Sequences are cut from the documents end to end, but nothing long is learnt from short ones.
   */
  private void requireLongDocument(EvaluationPartition partition) {
    int longest =
        partition.documents().stream().mapToInt(document -> document.tokenCount()).max().orElse(0);
    if (longest < length) {
      throw BadInputException.of(
          "--length is %d and the longest document of %s has %d tokens: expected a longer one;"
              + " prepare such documents, or lower --length.",
          length, data, longest);
    }
  }
}
