package org.longrope.driver.cli;

import com.fasterxml.jackson.databind.node.JsonNodeFactory;
import com.fasterxml.jackson.databind.node.ObjectNode;
import java.io.IOException;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.LinkedHashMap;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Objects;
import java.util.OptionalInt;
import java.util.concurrent.Callable;
import java.util.concurrent.atomic.AtomicInteger;
import org.apache.hadoop.conf.Configuration;
import org.jspecify.annotations.Nullable;
import org.longrope.driver.execution.ChoiceTask;
import org.longrope.driver.execution.ModelTask;
import org.longrope.driver.execution.worker.ModelCache;
import org.longrope.driver.factors.FactorFile;
import org.longrope.driver.factors.RescalingRequest;
import org.longrope.driver.measure.Measurement;
import org.longrope.driver.measure.benchmark.Benchmark;
import org.longrope.driver.measure.benchmark.BenchmarkReport;
import org.longrope.driver.measure.benchmark.BenchmarkResult;
import org.longrope.driver.measure.benchmark.PreparedTask;
import org.longrope.driver.measure.benchmark.Questionnaire;
import org.longrope.driver.measure.benchmark.TaskPlan;
import org.longrope.driver.measure.benchmark.TaskPreparation;
import org.longrope.driver.recipe.ArtifactCatalog;
import org.longrope.driver.recipe.CostEstimate;
import org.longrope.driver.recipe.RecipeCommand;
import org.longrope.driver.report.table.Numbers;
import org.longrope.driver.store.MeasurementLog;
import org.longrope.driver.store.Versions;
import org.longrope.driver.store.files.FileLocation;
import org.longrope.eval.BadInputException;
import org.longrope.eval.checkpoint.Checkpoint;
import org.longrope.eval.choices.PromptEncoder;
import org.longrope.eval.decoder.AttentionWindow;
import org.longrope.eval.rope.RopeGeometry;
import org.longrope.eval.rope.RopeMethod;
import org.longrope.eval.tokenizer.BosChoice;
import org.longrope.eval.tokenizer.DocumentTokenizer;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Option;

@Section("Measure")
@Command(
    name = "benchmark",
    description = "Measures accuracy on ARC-C, HellaSwag, MMLU and TruthfulQA.",
    footer = {
      "bin/longrope benchmark --model search-driver/demonstration --benchmarks BENCHMARKS \\",
      "    --tasks arc_challenge,hellaswag --limit 100"
    })
final class BenchmarkCommand implements Callable<Integer>, RecipeCommand {
  @Mixin ModelOption model = new ModelOption();

  @Option(
      names = "--benchmarks",
      required = true,
      paramLabel = "DIR",
      description = "Directory that holds arc_challenge, hellaswag, mmlu and truthfulqa.")
  FileLocation benchmarks = FileLocation.parse("");

  @Option(
      names = "--tasks",
      split = ",",
      paramLabel = "TASK",
      description = "arc_challenge, hellaswag, mmlu or truthfulqa_mc2. Default: all of them.")
  List<String> tasks = new ArrayList<>();

  @Option(
      names = "--shots",
      split = ",",
      paramLabel = "TASK=N",
      description =
          "Solved examples before each question. Default: as the leaderboard (arc_challenge=25,"
              + " hellaswag=10, mmlu=5).")
  Map<String, Integer> shots = new LinkedHashMap<>();

  @Option(
      names = "--limit",
      paramLabel = "N",
      description =
          "Questions of each task (mmlu: of each subject), drawn by --seed. Default: all.")
  @Nullable Integer limit;

  @Option(
      names = "--bos",
      arity = "0..1",
      fallbackValue = "yes",
      paramLabel = "WHEN",
      description =
          "Begin each prompt with the tokenizer's BOS: no (as the leaderboard), yes, or auto"
              + " (where transformers and lm-evaluation-harness 0.4.13 do).")
  String bos = "no";

  @Mixin RescalingOptions options = new RescalingOptions();

  @Mixin MeasuringOptions measuring = new MeasuringOptions();

  @Option(
      names = "--seed",
      paramLabel = "N",
      description = "Seed of the shots and of the questions.")
  long seed = 42;

  @Mixin JsonOption json = new JsonOption();

  @Option(
      names = "--items",
      paramLabel = "FILE",
      description = "Also write the answer to each question to this file, as JSON lines.")
  @Nullable FileLocation items;

  @Mixin CommonOptions common = new CommonOptions();

  @Override
  public Integer call() throws IOException {
    BosChoice.parse(bos);
    AttentionWindow window = AttentionWindow.parse(options.attentionWindow);
    List<TaskPlan> plans = plans();
    measuring.check();
    Configuration hadoop = measuring.spark.hadoop();
    json.requireWritable(hadoop);
    OutputFile.requireWritable("--items", items, hadoop);
    Checkpoint checkpoint = ModelCache.ofHost().open(model.location().text(), null, hadoop);
    checkpoint.config().notes().forEach(Progress::warn);
    RopeGeometry rope = options.rope(checkpoint);
    RescalingRequest rescaling = options.read(checkpoint, model.location(), hadoop);
    int length = length(rescaling, rope);
    ObjectNode provenance = provenance(checkpoint.sha256(), length);
    List<PreparedTask> prepared = prepare(plans, length, checkpoint.directory(), provenance);
    Questionnaire questionnaire =
        new Questionnaire(
            prepared,
            questionLength -> rescaling.at(rescaling.isDynamic() ? questionLength : length, rope));
    ObjectNode identity = provenance.deepCopy();
    prepared.forEach(task -> identity.withArray("tasks").add(task.toJson()));
    identity.set("factors", questionnaire.rescalings());
    List<ChoiceTask> choices =
        questionnaire.batches().stream().map(Questionnaire.Batch::task).toList();
    Measurement measurement =
        new Measurement(
            model.location(),
            checkpoint,
            window,
            questionnaire.length(),
            false,
            null,
            null,
            Map.of(),
            identity,
            choices,
            questionnaire.taskGroups());
    List<BenchmarkResult> results;
    try (MeasurementLog log = measuring.log(measurement)) {
      measuring.execute("benchmark", measurement, log, progress(questionnaire, log));
      results = questionnaire.results(log);
      provenance.put("model", model.toString());
      provenance.put("method", rescaling.name());
      provenance.set("factors", questionnaire.rescalings());
      provenance.put("dtype", log.computeType());
      provenance.put("threads", measuring.threads());
      provenance.set("versions", Versions.toJson());
    }
    System.out.print(BenchmarkReport.toText(results));
    measuring.writeText("items.jsonl", () -> BenchmarkReport.itemLines(results), items);
    measuring.writeText(
        "benchmark.json", () -> BenchmarkReport.toJson(results, provenance), json.file);
    return 0;
  }

  /** Weighs batches by the tokens that they read. */
  private static MeasureProgress progress(Questionnaire questionnaire, MeasurementLog log) {
    Map<ModelTask<?>, MeasureProgress.Weight> weights = new HashMap<>();
    for (Questionnaire.Batch batch : questionnaire.batches()) {
      weights.put(
          batch.task(),
          new MeasureProgress.Weight(
              questionnaire.task(batch.numbers().get(0)) + " ",
              batch.numbers().size(),
              batch.task().batch().tokens(),
              ""));
    }
    return new MeasureProgress(
        "questions",
        questionnaire.batches().stream().map(Questionnaire.Batch::task).toList(),
        log,
        task -> Objects.requireNonNull(weights.get(task)),
        System::nanoTime);
  }

  @Override
  public CostEstimate estimate(ArtifactCatalog known) {
    known.model(model.toString());
    options.check(model.toString(), known);
    plans()
        .forEach(
            plan -> TaskPreparation.requireReadable(plan, benchmarks.on(measuring.spark.hadoop())));
    return CostEstimate.NONE;
  }

  private List<TaskPlan> plans() {
    List<Benchmark> chosen =
        tasks.isEmpty()
            ? List.of(Benchmark.values())
            : new LinkedHashSet<>(tasks).stream().map(Benchmark::parse).toList();
    Map<Benchmark, Integer> lowered = new LinkedHashMap<>();
    shots.forEach((task, count) -> lowered.put(Benchmark.parse(task), count));
    for (Benchmark benchmark : lowered.keySet()) {
      if (!chosen.contains(benchmark)) {
        throw BadInputException.of(
            "--shots names %s: expected a task that is provenance; add it to --tasks.", benchmark);
      }
    }
    return chosen.stream()
        .map(
            benchmark ->
                new TaskPlan(
                    benchmark, lowered.getOrDefault(benchmark, benchmark.shots()), limit, seed))
        .toList();
  }

  /** Tokens that the model reads at most: the length it is extended to, else its window. */
  private int length(RescalingRequest request, RopeGeometry rope) {
    if (options.targetLength != null) {
      return options.targetLength;
    }
    FactorFile given = request.factors();
    Integer ofFile = given == null ? null : given.longest().targetLength();
    if (ofFile != null) {
      return ofFile;
    }
    if (given != null || request.method() != RopeMethod.NONE) {
      throw BadInputException.of(
          "%s does not say how far it extends the model: expected --target-length N with it.",
          given != null ? request.name() : "--method " + request.name());
    }
    return rope.originalWindow();
  }

  private List<PreparedTask> prepare(
      List<TaskPlan> plans, int length, Path directory, ObjectNode provenance) {
    List<PreparedTask> prepared = new ArrayList<>();
    try (DocumentTokenizer tokenizer = DocumentTokenizer.open(directory)) {
      provenance.put("tokenizer_sha256", tokenizer.hash());
      OptionalInt begin = BosOption.of(BosChoice.parse(bos), tokenizer);
      provenance.put("bos", begin.isPresent());
      PromptEncoder encoder = new PromptEncoder(tokenizer, begin);
      for (TaskPlan plan : plans) {
        PacedProgress progress = new PacedProgress();
        AtomicInteger done = new AtomicInteger();
        PreparedTask task =
            TaskPreparation.prepare(
                plan,
                benchmarks.on(measuring.spark.hadoop()),
                encoder,
                questions -> {
                  int encoded = done.incrementAndGet();
                  String line =
                      String.format(
                          Locale.ROOT,
                          "%s %,d/%,d questions tokenised",
                          plan.benchmark(),
                          encoded,
                          questions);
                  progress.log(line, encoded, questions, false);
                });
        Progress.line(
            "%s: %s of at most %,d tokens, %s",
            plan.benchmark(),
            Numbers.counted(task.choices().size(), "question"),
            task.length(),
            Numbers.counted(plan.shots(), "shot"));
        task.requireLength(length);
        prepared.add(task);
      }
    }
    return prepared;
  }

  /** Returns everything that the results depend on, except for tasks and factors. */
  private ObjectNode provenance(String modelHash, int length) {
    ObjectNode provenance = JsonNodeFactory.instance.objectNode();
    provenance.put("test", "benchmark");
    provenance.put("model_sha256", modelHash);
    provenance.put("attention_window", options.attentionWindow);
    provenance.put("length", length);
    return provenance;
  }
}
