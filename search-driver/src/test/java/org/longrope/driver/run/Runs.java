package org.longrope.driver.run;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.json.JsonMapper;
import com.fasterxml.jackson.databind.node.ObjectNode;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.lang.reflect.Proxy;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayDeque;
import java.util.ArrayList;
import java.util.Deque;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.function.Consumer;
import java.util.function.Function;
import java.util.stream.Stream;
import org.apache.hadoop.conf.Configuration;
import org.apache.spark.api.java.JavaSparkContext;
import org.longrope.driver.TinyWorld;
import org.longrope.driver.execution.EvaluationTask;
import org.longrope.driver.execution.ExecutorListener;
import org.longrope.driver.execution.LocalTaskExecutor;
import org.longrope.driver.execution.TaskExecutor;
import org.longrope.driver.execution.TaskGroup;
import org.longrope.driver.execution.TaskResult;
import org.longrope.driver.execution.spark.SparkTaskExecutor;
import org.longrope.driver.execution.worker.Gpus;
import org.longrope.driver.execution.worker.ModelWorker;
import org.longrope.driver.run.problem.Objective;
import org.longrope.driver.run.replay.BegunRun;
import org.longrope.driver.run.replay.RunDirectory;
import org.longrope.driver.run.replay.RunLog;
import org.longrope.driver.run.replay.RunState;
import org.longrope.driver.run.settings.SearchSchema;
import org.longrope.driver.run.settings.SearchSettings;
import org.longrope.driver.store.files.HadoopSettings;
import org.longrope.eval.decoder.AttentionWindow;
import org.longrope.eval.decoder.StopSignal;
import org.longrope.eval.perplexity.DocumentScore;
import org.longrope.eval.perplexity.NllGradient;
import org.longrope.eval.rope.Rescaling;
import org.longrope.search.Candidate;
import org.longrope.search.GenerationStats;
import org.longrope.search.NearestSurrogate;
import org.longrope.search.ScreeningStats;
import org.longrope.search.SearchMode;
import org.longrope.search.StrategyConfig;
import org.longrope.search.Surrogate;

/** Runs of a tiny search and what they left on disk. */
public final class Runs {
  public static final Configuration HADOOP = new Configuration();

  /** Surrogate of the searches that use one, without Spark. */
  public static final Surrogate SURROGATE = new NearestSurrogate();

  public static final ExecutorListener SILENT_EXECUTORS =
      new ExecutorListener() {
        @Override
        public void warning(String sentence) {}

        @Override
        public void modelLoaded(double seconds) {}
      };

  private Runs() {}

  public static SearchSettings settings(
      Path model, Path data, StrategyConfig search, int documents, int heldOut) {
    return SearchSettings.defaults(search)
        .at(model.toString(), data.toString())
        .with(SearchSchema.TARGET_LENGTH, 4 * TinyWorld.WINDOW)
        .with(SearchSchema.DOCUMENTS, documents)
        .with(SearchSchema.HELD_OUT_DOCUMENTS, heldOut)
        .with(SearchSchema.THREADS, TinyWorld.THREADS)
        .with(SearchSchema.TIMEOUT, Duration.ofSeconds(2));
  }

  public static SearchSettings asynchronous(SearchSettings settings) {
    return settings.with(SearchSchema.MODE, SearchMode.ASYNCHRONOUS);
  }

  public static SearchSettings attending(AttentionWindow window, SearchSettings settings) {
    return settings.with(SearchSchema.ATTENTION_WINDOW, window);
  }

  /** Tells the warnings alone. */
  public static RunListener warnings(Consumer<String> told) {
    return new RunListener() {
      @Override
      public void baselines(Map<String, Double> perplexities) {}

      @Override
      public void generation(
          GenerationStats stats,
          Optional<ScreeningStats> surrogate,
          int iterations,
          RunState state) {}

      @Override
      public void evaluation(RunState state) {}

      @Override
      public void reused(long evaluations, String ledger) {}

      @Override
      public void warning(String sentence) {
        told.accept(sentence);
      }
    };
  }

  public static SearchSettings minimising(
      Objective objective, int targetLength, SearchSettings settings) {
    return settings
        .with(SearchSchema.OBJECTIVE, objective)
        .with(SearchSchema.TARGET_LENGTH, targetLength);
  }

  /** Begins a run on the shared world and goes to its end, or to what the scorer throws. */
  public static String run(Path output, SearchSettings settings, TaskExecutor scorer) {
    return run(output, settings, scorer, SURROGATE);
  }

  public static String run(
      Path output, SearchSettings settings, TaskExecutor scorer, Surrogate surrogate) {
    RunDirectory directory = RunDirectory.create(output.toString(), HADOOP);
    return SearchRun.begin(settings, directory, HADOOP)
        .execute(scorer, surrogate, RunListener.SILENT);
  }

  /** Listens to warnings alone. */
  public static RunListener warned(Consumer<String> warnings) {
    return (RunListener)
        Proxy.newProxyInstance(
            Runs.class.getClassLoader(),
            new Class<?>[] {RunListener.class},
            (proxy, method, arguments) -> {
              if (method.getName().equals("warning")) {
                warnings.accept((String) arguments[0]);
              }
              return null;
            });
  }

  public static String resume(Path output, TaskExecutor scorer) {
    return resume(output, scorer, SURROGATE);
  }

  public static String resume(Path output, TaskExecutor scorer, Surrogate surrogate) {
    RunDirectory directory = RunDirectory.open(output.toString(), HADOOP);
    return SearchRun.resume(directory, HADOOP).execute(scorer, surrogate, RunListener.SILENT);
  }

  /**
   * A smooth answer without a model: best where factors are spread like NTK's, n̂ is small, and
   * some scales are above 1.
   */
  public static TaskResult.Completed<DocumentScore> synthetic(EvaluationTask task) {
    double[] lambda = task.rescaling().factors().toArray();
    double nll = 2 + 0.001 * task.rescaling().startTokens();
    long tokens = task.protocol().length() - 1;
    double perDocument = 1 + 0.01 * Math.floorMod(task.documentId().hashCode(), 7);
    List<Double> slope = new ArrayList<>();
    for (int i = 0; i < lambda.length; i++) {
      double off = Math.log(lambda[i]) - 1.1 * i / lambda.length;
      nll += Math.abs(off);
      slope.add(Math.signum(off) * tokens * perDocument);
    }
    double[] psi = task.rescaling().queryScales().logs();
    List<Float> byScales = new ArrayList<>();
    for (int i = 0; i < psi.length; i++) {
      double off = psi[i] - 0.1 * (i % 3);
      nll += off * off / psi.length;
      byScales.add((float) (2 * off / psi.length * tokens * perDocument));
    }
    NllGradient gradient = task.gradient() ? new NllGradient(slope, 0.5 * tokens, byScales) : null;
    return task.completed(
        new DocumentScore(task.documentId(), nll * tokens * perDocument, tokens, 0, gradient),
        "f32",
        null);
  }

  /** Executes evaluations in the order of the tasks. */
  public static TaskExecutor local(Function<EvaluationTask, TaskResult<DocumentScore>> evaluate) {
    return new LocalTaskExecutor(task -> evaluate.apply((EvaluationTask) task));
  }

  /** An evaluation with a score. */
  public record Scored(EvaluationTask task, DocumentScore score) {
    public static Scored of(TaskResult<?> result) {
      return new Scored(
          (EvaluationTask) result.task(),
          (DocumentScore) ((TaskResult.Completed<?>) result).value());
    }
  }

  /** A worker of this process, whose model is closed with it. */
  public record OpenWorker(ModelWorker worker) implements AutoCloseable {
    public TaskResult<DocumentScore> execute(EvaluationTask task) {
      return worker.execute(task, StopSignal.NEVER);
    }

    @Override
    public void close() {
      worker.discard();
    }
  }

  /** Loads the model of a run in this process. */
  public static OpenWorker worker(SearchRun run) {
    return new OpenWorker(ModelWorker.get(run.workerSpec(new HadoopSettings(Map.of())), Gpus.ANY));
  }

  /** Reads the log of a run. */
  public static RunLog log(RunDirectory run) {
    return BegunRun.read(run).log();
  }

  /** Takes a run over. */
  public static RunLog claim(RunDirectory run) {
    return BegunRun.read(run).claim();
  }

  /** Stands in for the candidates of a log without decisions. */
  public static Rescaling noCandidates(Candidate candidate) {
    throw new IllegalArgumentException("No candidates here: " + candidate);
  }

  /** Answers in the order of the tasks. */
  public static TaskExecutor synthetic() {
    return local(Runs::synthetic);
  }

  /** Answers all tasks that wait, and may fail after some of them. */
  @FunctionalInterface
  public interface Batch {
    void score(List<EvaluationTask> tasks, Consumer<TaskResult<DocumentScore>> answers);
  }

  /** Scores whatever waits when an answer is asked for. */
  public static TaskExecutor scorer(Batch batch) {
    List<EvaluationTask> waiting = new ArrayList<>();
    Deque<TaskResult<DocumentScore>> answers = new ArrayDeque<>();
    RuntimeException[] failure = new RuntimeException[1];
    return new TaskExecutor() {
      @Override
      public void submit(TaskGroup group) {
        group.tasks().forEach(task -> waiting.add((EvaluationTask) task));
      }

      @Override
      public TaskResult<DocumentScore> take() {
        if (answers.isEmpty() && failure[0] == null) {
          List<EvaluationTask> tasks = List.copyOf(waiting);
          waiting.clear();
          try {
            batch.score(tasks, answers::add);
          } catch (RuntimeException e) {
            failure[0] = e;
          }
        }
        if (answers.isEmpty() && failure[0] != null) {
          throw failure[0];
        }
        return answers.remove();
      }

      @Override
      public int slots() {
        return 3;
      }
    };
  }

  /** The journal's lines as they are on disk, segment by segment; a cut last line included. */
  public static List<String> journalLines(Path run) {
    List<String> lines = new ArrayList<>();
    for (Path segment : segments(run)) {
      try {
        lines.addAll(Files.readAllLines(segment));
      } catch (IOException e) {
        throw new UncheckedIOException(e);
      }
    }
    return lines;
  }

  public static List<Path> segments(Path run) {
    try (Stream<Path> files = Files.list(run.resolve("journal"))) {
      return files.sorted().toList();
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
  }

  /**
   * The journal without what may differ: sorted, and without seconds. A task twice is there twice.
   */
  public static List<String> journalContents(Path run) {
    List<String> contents = new ArrayList<>();
    for (String line : journalLines(run)) {
      try {
        ObjectNode record = (ObjectNode) new JsonMapper().readTree(line.substring(9));
        record.remove("seconds");
        record.remove("at");
        if (!record.has("first_record")) {
          contents.add(record.toString());
        }
      } catch (IOException e) {
        throw new UncheckedIOException(e);
      }
    }
    return contents.stream().sorted().toList();
  }

  /** Returns the evaluations of a run's log. */
  public static List<String> evaluations(Path run) {
    return journalContents(run).stream().filter(line -> line.contains("\"document\"")).toList();
  }

  /** Returns the results of a run's log, in their order. */
  public static Stream<TaskResult<?>> evaluationsOf(Path run) {
    return log(RunDirectory.open(run.toString(), HADOOP)).results().values().stream();
  }

  public static SparkTaskExecutor onSpark(JavaSparkContext spark, SearchRun run) {
    return new SparkTaskExecutor(
        spark, run.workerSpec(new HadoopSettings(Map.of())), run.limits(), 0, SILENT_EXECUTORS);
  }

  public static JsonNode json(Path file) {
    try {
      return new JsonMapper().readTree(file.toFile());
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
  }

  public static String text(Path file) {
    try {
      return Files.readString(file);
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
  }
}
