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
import org.longrope.driver.factors.FactorFile;
import org.longrope.driver.factors.FactorSet;
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
import org.longrope.eval.decoder.AttentionWindow;
import org.longrope.eval.decoder.Libtorch;
import org.longrope.eval.family.DecoderSpec;
import org.longrope.eval.family.QueryFolding;
import org.longrope.eval.rope.QueryScales;
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

@Section("Fine-tune")
@Command(
    name = "finetune",
    description = {
      "Fine-tunes a model with found factors.",
      "The same command resumes after a stop."
    },
    footer = {
      "bin/longrope finetune --model search-driver/demonstration --data runs/quickstart/data \\",
      "    --factors runs/quickstart/run/factors.json --steps 4 --length 2048 --batch-size 2 \\",
      "    --warmup-steps 1 --output runs/tuned"
    })
final class FinetuneCommand implements Callable<Integer>, RecipeCommand {
  @Option(
      names = "--model",
      required = true,
      paramLabel = "DIR",
      description = "Hugging Face checkpoint of the original model.")
  FileLocation model = FileLocation.parse("");

  @Option(
      names = "--data",
      required = true,
      paramLabel = "DIR",
      description = "Partition to train on, as 'longrope prepare' writes it.")
  String data = "";

  @ArgGroup(exclusive = false, multiplicity = "1..*")
  List<FactorPhase> phases = new ArrayList<>();

  @Option(
      names = "--length",
      required = true,
      paramLabel = "N",
      description = "Tokens of a sequence.")
  int length;

  @Option(
      names = "--output",
      required = true,
      paramLabel = "DIR",
      description = "Directory of the fine-tuned checkpoint.")
  FileLocation output = FileLocation.parse("");

  @Option(
      names = "--dtype",
      paramLabel = "T",
      description = "Type of the written weights: f32, bf16 or f16. Default: as in --model.")
  @Nullable String dtype;

  @Mixin TrainingOptions training = new TrainingOptions(32, null, 2e-5, 20, 0, 50);

  @Section(TrainingOptions.OPTIMIZER)
  @Option(
      names = "--decay",
      paramLabel = "D",
      description = "Decay of the learning rate after the warm-up: linear or constant.")
  String decay = "linear";

  @Mixin QueryScalesOption queryScales = new QueryScalesOption();

  @Mixin LoraOptions changes = new LoraOptions();

  @Section(Section.EXECUTION)
  @Option(
      names = "--replicas",
      paramLabel = "N",
      description =
          "Train on N Spark executors, each with its part of every batch. Default: in this"
              + " process.")
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
            .map(
                phase ->
                    queryScales
                        .of(FactorFile.read(phase.factors.on(hadoop), Progress::warn))
                        .relativeTo(checkpoint.config().rope())
                        .longest())
            .toList();
    FactorSchedule schedule =
        FactorPhase.schedule(phases, factors, checkpoint.config(), length, problems);
    TrainingPlan plan = plan(schedule.steps(), problems);
    Lora lora = changes.read(checkpoint.config(), problems);
    requireFolding(checkpoint.config(), factors.get(factors.size() - 1).queryScales(), problems);
    DType type = dtype == null ? checkpoint.dtype() : TrainingOptions.dtype(dtype, problems);
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
            lora,
            plan,
            schedule,
            factors.get(factors.size() - 1),
            output.absolute(),
            type,
            changes.adapter,
            training.checkpointEvery,
            replicas == null || training.threads != null ? training.threads() : 1);
    if (replicas == null) {
      DeviceLines.print(request.threads());
      request.run(Replicas.ONE, Libtorch.device(), new TrainingProgress(plan));
    } else {
      runOnSpark(request, replicas, directory);
    }
    System.out.println("Fine-tuned " + output);
    return 0;
  }

  /** Checks that the trained model's weights can contain the query scales that it is read with. */
  private void requireFolding(DecoderSpec model, QueryScales scales, List<String> problems) {
    if (scales.isNone()) {
      return;
    }
    QueryFolding.of(model).require(scales);
    if (changes.adapter) {
      problems.add(
          "--adapter is given, and query scales go into the weights of the trained model: leave it"
              + " out, or leave the scales out by --without-query-scales.");
    }
  }

  @Override
  public CostEstimate estimate(ArtifactCatalog known) {
    ArtifactCatalog.Model original = known.model(model.toString());
    List<String> problems = new ArrayList<>();
    int steps = 0;
    int reach = length;
    for (FactorPhase phase : phases) {
      known.requirePairs(phase.factors, model.toString());
      Integer target = known.factors(phase.factors).length();
      if (target == null) {
        throw BadInputException.of(
            "%s does not say which length its factors are for: expected a factors.json.",
            phase.factors);
      }
      phase.check(length, target, problems);
      reach = target;
      steps += phase.steps;
    }
    if (original.extended()) {
      problems.add(model + " is extended already: expected the original model.");
    }
    if (changes.adapter) {
      problems.add("--adapter writes no model that other steps could read: leave it out.");
    }
    plan(Math.max(steps, 1), problems);
    changes.read(original.config(), problems);
    if (!problems.isEmpty()) {
      throw new BadInputException(String.join("\n", problems));
    }
    known.requireLength(data, "--length", length);
    known.promise(output.toString(), new ArtifactCatalog.Model(original.config(), reach, true));
    // One forward pass, its recomputation layer by layer, and a backward pass that costs two.
    return CostEstimate.of(model.toString(), Map.of(length, 4.0 * steps * training.batch));
  }

  /** Trains on executors and shows the curve that the first replica writes. */
  private void runOnSpark(FinetuneRequest request, int count, StoredFile directory) {
    TrainingCurve curve = new TrainingCurve(directory);
    TrainingProgress progress = new TrainingProgress(request.plan());
    try (CurveWatch watch = new CurveWatch(curve::steps, progress, Duration.ofSeconds(1));
        JavaSparkContext context = spark.settings().start("longrope finetune")) {
      ReplicatedTraining.run(context, request, count);
    }
  }

  private TrainingPlan plan(int steps, List<String> problems) {
    LearningRateDecay after = LearningRateDecay.LINEAR;
    try {
      after = LearningRateDecay.valueOf(decay.toUpperCase(Locale.ROOT));
    } catch (IllegalArgumentException e) {
      problems.add("--decay is " + decay + ": expected linear or constant.");
    }
    TrainingPlan plan = training.plan(length, steps, after, true, problems);
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

  private void warnOfAttentionWindow(DecoderSpec config, FactorSet set) {
    AttentionWindow window = set.attentionWindow();
    if (window != null && !window.windows(config).equals(config.attentionWindows())) {
      Progress.warn(
          String.format(
              "The factors were found with attention window %s, but the model is trained and"
                  + " written with the one of its config.json: change it there to train with the"
                  + " other.",
              window));
    }
  }

  /**
   * Checks that a document is as long as a sequence. Sequences may span several documents, but
   * short documents teach nothing about long distances.
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
