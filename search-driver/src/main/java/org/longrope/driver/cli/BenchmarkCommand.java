package org.longrope.driver.cli;

import com.fasterxml.jackson.databind.json.JsonMapper;
import com.fasterxml.jackson.databind.node.ObjectNode;
import java.io.IOException;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.concurrent.Callable;
import java.util.concurrent.atomic.AtomicInteger;
import org.jspecify.annotations.Nullable;
import org.longrope.driver.benchmark.Benchmark;
import org.longrope.driver.benchmark.BenchmarkReport;
import org.longrope.driver.benchmark.PreparedTask;
import org.longrope.driver.benchmark.TaskPlan;
import org.longrope.driver.benchmark.TaskPreparation;
import org.longrope.driver.benchmark.TaskResult;
import org.longrope.driver.factors.FactorSet;
import org.longrope.driver.perplexity.RescalingByLength;
import org.longrope.driver.perplexity.RescalingChoice;
import org.longrope.driver.run.Versions;
import org.longrope.eval.BadInputException;
import org.longrope.eval.checkpoint.Checkpoint;
import org.longrope.eval.choices.ChoiceScorer;
import org.longrope.eval.choices.PromptEncoder;
import org.longrope.eval.decoder.AttentionWindow;
import org.longrope.eval.decoder.Libtorch;
import org.longrope.eval.decoder.ResidentModel;
import org.longrope.eval.rope.Rescaling;
import org.longrope.eval.rope.RopeGeometry;
import org.longrope.eval.rope.RopeMethod;
import org.longrope.eval.tokenizer.DocumentTokenizer;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Option;

@Command(
    name = "benchmark",
    description =
        "Asks a model the short benchmarks (ARC-Challenge, HellaSwag, MMLU, TruthfulQA), to compare"
            + " it with its original.")
final class BenchmarkCommand implements Callable<Integer> {
  @Option(names = "--model", required = true, paramLabel = "DIR", description = "Checkpoint.")
  Path model = Path.of("");

  @Option(
      names = "--benchmarks",
      required = true,
      paramLabel = "DIR",
      description = "Directory with arc_challenge, hellaswag, mmlu and truthfulqa in it.")
  Path benchmarks = Path.of("");

  @Option(
      names = "--tasks",
      split = ",",
      paramLabel = "TASK",
      description =
          "arc_challenge, hellaswag, mmlu, truthfulqa_mc2; several by commas; default all.")
  List<String> tasks = new ArrayList<>();

  @Option(
      names = "--shots",
      split = ",",
      paramLabel = "TASK=N",
      description =
          "Solved examples before each question; default: arc_challenge 25, hellaswag 10,"
              + " mmlu 5.")
  Map<String, Integer> shots = new LinkedHashMap<>();

  @Option(
      names = "--limit",
      paramLabel = "N",
      description = "Questions of each task (mmlu: of each subject), drawn by the seed.")
  @Nullable Integer limit;

  @Option(
      names = "--bos",
      description = "Begin each prompt with the tokenizer's BOS; the leaderboard did not.")
  boolean bos;

  @Mixin RescalingOptions options = new RescalingOptions();

  @Option(
      names = "--threads",
      paramLabel = "N",
      description = "Of one evaluation; default: all cores.")
  int threads = Runtime.getRuntime().availableProcessors();

  @Option(
      names = "--seed",
      paramLabel = "N",
      description = "Of shots and of questions; default 42.")
  long seed = 42;

  @Option(names = "--json", paramLabel = "FILE", description = "Write the results there.")
  @Nullable Path json;

  @Option(
      names = "--items",
      paramLabel = "FILE",
      description = "Write every question's answer there, as JSON lines.")
  @Nullable Path items;

  @Mixin CommonOptions common = new CommonOptions();

  @Override
  public Integer call() throws IOException {
    AttentionWindow window = AttentionWindow.parse(options.attentionWindow);
    List<TaskPlan> plans = plans();
    if (threads < 1) {
      throw BadInputException.of("--threads is %d: expected 1 or more.", threads);
    }
    OutputFile.requireWritable("--json", json);
    OutputFile.requireWritable("--items", items);
    Checkpoint checkpoint = Checkpoint.open(model);
    RopeGeometry rope = checkpoint.config().rope();
    RescalingByLength asked = options.read(checkpoint);
    int length = length(asked, rope);
    ObjectNode provenance = provenance(checkpoint, asked.name(), length);
    List<PreparedTask> prepared = prepare(plans, length, provenance);
    Libtorch.useThreads(threads);
    int capacity = prepared.stream().mapToInt(PreparedTask::length).max().orElseThrow();
    // One for all questions, so that their common beginning is read once.
    Rescaling rescaling = asked.at(asked.choices().size() > 1 ? capacity : length, rope);
    rescaling.factors().toList().forEach(provenance.putArray("rescale_factors")::add);
    provenance.put("start_tokens", rescaling.startTokens());
    provenance.put("attention_factor", rescaling.attentionFactor());
    List<TaskResult> results;
    try (ResidentModel resident = ResidentModel.load(checkpoint, window, capacity);
        ChoiceScorer scorer = new ChoiceScorer(resident, capacity, rescaling)) {
      provenance.put("dtype", resident.computeType());
      results = new BenchmarkProgress(prepared).ask(scorer);
    }
    System.out.print(BenchmarkReport.toText(results));
    if (json != null) {
      OutputFile.write(json, BenchmarkReport.toJson(results, provenance));
    }
    if (items != null) {
      OutputFile.write(items, BenchmarkReport.itemLines(results));
    }
    return 0;
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
            "--shots names %s: expected a task that is asked; add it to --tasks.", benchmark);
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
  private int length(RescalingByLength asked, RopeGeometry rope) {
    RescalingByLength.Named last = asked.choices().get(asked.choices().size() - 1);
    RescalingChoice choice = last.choice();
    if (choice.method() == RopeMethod.DYNAMIC_NTK) {
      throw new BadInputException(
          "--method dynamic-ntk is another rescaling for each question's length: expected none, pi,"
              + " ntk or yarn.");
    }
    if (options.targetLength != null) {
      return options.targetLength;
    }
    FactorSet given = choice.factors();
    Integer ofFile = given == null ? null : given.targetLength();
    if (ofFile != null) {
      return ofFile;
    }
    if (given != null || choice.method() != RopeMethod.NONE) {
      throw BadInputException.of(
          "%s does not say how far it extends the model: expected --target-length N with it.",
          given != null ? last.name() : "--method " + last.name());
    }
    return rope.originalWindow();
  }

  private List<PreparedTask> prepare(List<TaskPlan> plans, int length, ObjectNode provenance) {
    List<PreparedTask> prepared = new ArrayList<>();
    try (DocumentTokenizer tokenizer = DocumentTokenizer.open(model)) {
      provenance.put("tokenizer_sha256", tokenizer.hash());
      PromptEncoder encoder = new PromptEncoder(tokenizer, bos);
      for (TaskPlan plan : plans) {
        PacedProgress progress = new PacedProgress();
        AtomicInteger done = new AtomicInteger();
        PreparedTask task =
            TaskPreparation.prepare(
                plan,
                benchmarks,
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
                  progress.say(line, encoded, questions, false);
                });
        Progress.line(
            "%s: %,d questions of at most %,d tokens, %d shots",
            plan.benchmark(), task.choices().size(), task.length(), plan.shots());
        task.requireLength(length);
        prepared.add(task);
      }
    }
    return prepared;
  }

  private ObjectNode provenance(Checkpoint checkpoint, String method, int length) {
    ObjectNode provenance = new JsonMapper().createObjectNode();
    provenance.put("model", model.toString());
    provenance.put("model_sha256", checkpoint.sha256());
    provenance.put("method", method);
    provenance.put("attention_window", options.attentionWindow);
    provenance.put("length", length);
    provenance.put("bos", bos);
    provenance.put("threads", threads);
    provenance.set("versions", Versions.toJson());
    return provenance;
  }
}
