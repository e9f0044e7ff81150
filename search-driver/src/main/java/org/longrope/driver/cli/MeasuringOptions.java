package org.longrope.driver.cli;

import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.util.HashMap;
import java.util.Locale;
import java.util.Map;
import java.util.function.Supplier;
import org.apache.hadoop.conf.Configuration;
import org.apache.spark.api.java.JavaSparkContext;
import org.jspecify.annotations.Nullable;
import org.longrope.driver.execution.DocumentHashes;
import org.longrope.driver.execution.ExecutionFailure;
import org.longrope.driver.execution.FaultTolerance;
import org.longrope.driver.execution.LocalTaskExecutor;
import org.longrope.driver.execution.ModelTask;
import org.longrope.driver.execution.TaskExecutor;
import org.longrope.driver.execution.TaskResult;
import org.longrope.driver.execution.TasksInProgress;
import org.longrope.driver.execution.spark.ExecutorWatch;
import org.longrope.driver.execution.spark.SparkTaskExecutor;
import org.longrope.driver.execution.worker.ExecutorFault;
import org.longrope.driver.execution.worker.Gpus;
import org.longrope.driver.execution.worker.LoadedModel;
import org.longrope.driver.execution.worker.ModelWorker;
import org.longrope.driver.execution.worker.WorkerSpec;
import org.longrope.driver.measure.Measurement;
import org.longrope.driver.run.settings.SearchSchema;
import org.longrope.driver.run.settings.SettingsReader;
import org.longrope.driver.store.MeasurementLog;
import org.longrope.driver.store.ResultStore;
import org.longrope.driver.store.TaskFormat;
import org.longrope.driver.store.cache.CachedExecutor;
import org.longrope.driver.store.cache.EvaluationCache;
import org.longrope.driver.store.files.FileLocation;
import org.longrope.driver.store.files.HadoopDirectory;
import org.longrope.driver.store.files.StoredFile;
import org.longrope.eval.BadInputException;
import org.longrope.eval.decoder.Libtorch;
import org.longrope.eval.decoder.StopSignal;
import org.longrope.eval.decoder.StoppedException;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Option;

/** Options of commands that measure a model: where it is measured and where results are kept. */
final class MeasuringOptions {
  @Option(
      names = "--output",
      paramLabel = "DIR",
      description = "Directory of the results. The same command resumes there after a stop.")
  @Nullable FileLocation output;

  @Section(Section.EXECUTION)
  @Option(
      names = "--threads",
      paramLabel = "N",
      description = "Threads of one evaluation. Default: all cores; 1 with --master.")
  @Nullable Integer threads;

  @Section(Section.EXECUTION)
  @Option(
      names = "--deadline",
      paramLabel = "T",
      description = "Longest time of one task, such as 30m. Default: ten times the slowest so far.")
  @Nullable String deadline;

  @Section(Section.EXECUTION)
  @Option(
      names = "--timeout",
      paramLabel = "T",
      description = "Longest time without executors or success.")
  String timeout = SearchSchema.TIMEOUT.defaultText();

  @Section(Section.EXECUTION)
  @Option(
      names = "--evaluation-cache",
      paramLabel = "DIR",
      description = "Directory of results shared with other runs. None is computed twice.")
  @Nullable String cache;

  @Mixin SparkOptions spark = new SparkOptions();

  /**
   * Checks the options.
   *
   * @throws BadInputException if one cannot be used
   */
  void check() {
    if (threads != null && !(threads >= 1)) {
      throw BadInputException.of("--threads is %d: expected 1 or more.", threads);
    }
    limits();
    if (output != null) {
      MeasurementLog.requireUsable(output.on(spark.hadoop()));
    }
  }

  private FaultTolerance limits() {
    Map<String, String> given = new HashMap<>();
    if (deadline != null) {
      given.put(SearchSchema.DEADLINE.key(), deadline);
    }
    given.put(SearchSchema.TIMEOUT.key(), timeout);
    return SettingsReader.limits(FaultTolerance.DEFAULT, given);
  }

  /** Returns the threads of a task: all cores here, where tasks run one by one; 1 on Spark. */
  int threads() {
    int cores = spark.master == null ? Runtime.getRuntime().availableProcessors() : 1;
    return threads == null ? cores : threads;
  }

  /** Opens the log of a measurement, which ends with this process without an output directory. */
  MeasurementLog log(Measurement measurement) {
    TaskFormat format = measurement.format();
    return output == null
        ? MeasurementLog.inMemory(format)
        : MeasurementLog.open(
            HadoopDirectory.at(output.absolute(), "an output directory", spark.hadoop()),
            format,
            measurement.identity());
  }

  /**
   * Computes the results that the log lacks, on this host or on Spark.
   *
   * @param command its name
   * @throws ExecutionFailure if a task has no result
   */
  void execute(
      String command, Measurement measurement, MeasurementLog log, MeasureProgress progress) {
    if (log.results().keySet().containsAll(measurement.tasks())) {
      Progress.line("%s has all results: nothing is computed again.", String.valueOf(output));
      return;
    }
    if (spark.master == null) {
      executeHere(measurement, log, progress);
      return;
    }
    try (JavaSparkContext context = spark.settings().start("longrope " + command)) {
      if (!context.isLocal()) {
        context.sc().addSparkListener(new ExecutorWatch(progress));
      }
      WorkerSpec spec = measurement.workerSpec(context.hadoopConfiguration(), threads());
      if (context.isLocal()) {
        loadHere(measurement, spec);
      }
      try (SparkTaskExecutor executor =
          new SparkTaskExecutor(context, spec, limits(), 0, progress)) {
        collect(measurement, log, executor, progress);
      }
    }
  }

  /** Loads the model of executors in this process, so that input that does not fit is refused. */
  private static void loadHere(Measurement measurement, WorkerSpec spec) {
    try {
      measurement.requireMemory(ModelWorker.get(spec, Gpus.ANY).model());
    } catch (ExecutorFault e) {
      throw e.getCause() instanceof BadInputException input ? input : e;
    }
  }

  private void executeHere(Measurement measurement, MeasurementLog log, MeasureProgress progress) {
    Libtorch.useThreads(threads());
    DeviceLines.print(threads());
    WorkerSpec spec = measurement.workerSpec(spark.hadoop(), threads());
    try (LoadedModel model = measurement.load()) {
      measurement.requireMemory(model.model());
      ModelWorker worker = ModelWorker.of(model, spec);
      TaskExecutor executor =
          new LocalTaskExecutor(task -> execute(worker, task, limits(), progress));
      collect(measurement, log, executor, progress);
    }
  }

  private static TaskResult<?> execute(
      ModelWorker worker, ModelTask<?> task, FaultTolerance limits, MeasureProgress progress) {
    long begin = System.nanoTime();
    long deadlineMs = limits.deadline() == null ? Long.MAX_VALUE : limits.deadline().toMillis();
    StopSignal stop =
        StopSignal.of(
            () -> (System.nanoTime() - begin) / 1_000_000 > deadlineMs,
            share -> progress.waiting(new TasksInProgress(1, share)));
    try {
      return worker.execute(task, stop);
    } catch (StoppedException e) {
      throw new ExecutionFailure(
          String.format(
              Locale.ROOT,
              "%s took longer than its deadline of %.0f s: expected an end; see what slows this"
                  + " host down, or give a longer --deadline.",
              task.name(),
              deadlineMs / 1000.0));
    }
  }

  private void collect(
      Measurement measurement,
      MeasurementLog log,
      TaskExecutor executor,
      MeasureProgress progress) {
    log.claim();
    if (cache == null || cache.equals("none")) {
      store(log, executor, progress).collect(measurement.groups());
      return;
    }
    DocumentHashes documents = measurement.documentHashes();
    EvaluationCache opened =
        EvaluationCache.open(cache, measurement.environment(), documents, spark.hadoop());
    try (CachedExecutor cached =
        new CachedExecutor(executor, opened, log.results().values(), Progress::warn)) {
      store(log, cached, progress).collect(measurement.groups());
      Progress.line(
          "%,d results came from the evaluation cache %s.", cached.answered(), opened.location());
    }
  }

  private ResultStore store(MeasurementLog log, TaskExecutor executor, MeasureProgress progress) {
    return new ResultStore(
        executor,
        log,
        limits().timeout(),
        Progress::warn,
        result -> {
          if (result instanceof TaskResult.Rejected<?> rejected) {
            throw new ExecutionFailure(rejected.task().name() + ": " + rejected.reason());
          }
          progress.accept(result);
        });
  }

  /** Writes a result file of text, in UTF-8, as {@link #write} does. */
  void writeText(String name, Supplier<String> content, @Nullable FileLocation elsewhere)
      throws IOException {
    write(name, () -> content.get().getBytes(StandardCharsets.UTF_8), elsewhere);
  }

  /**
   * Writes a result file into the output directory, if there is one, and to another place. A file
   * that an earlier process has finished is not written again: it is that process's result.
   *
   * @param elsewhere another file for it; null for none
   */
  void write(String name, Supplier<byte[]> content, @Nullable FileLocation elsewhere)
      throws IOException {
    if (output == null && elsewhere == null) {
      return;
    }
    Configuration hadoop = spark.hadoop();
    StoredFile file = output == null ? null : output.resolve(name).on(hadoop);
    boolean finished = file != null && file.isFile();
    byte[] result = file != null && finished ? file.readBytes() : content.get();
    if (file != null && !finished) {
      file.write(result);
    }
    if (elsewhere != null) {
      elsewhere.on(hadoop).write(result);
    }
  }
}
