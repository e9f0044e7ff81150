package org.longrope.driver.lab.strategies;

import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Locale;
import java.util.function.Consumer;
import java.util.stream.Stream;
import org.apache.hadoop.conf.Configuration;
import org.longrope.driver.TinyWorld;
import org.longrope.driver.execution.EvaluationTask;
import org.longrope.driver.execution.FaultTolerance;
import org.longrope.driver.execution.TaskExecutor;
import org.longrope.driver.execution.TaskResult;
import org.longrope.driver.execution.worker.WorkerSpec;
import org.longrope.driver.run.Runs;
import org.longrope.driver.store.files.StoredFile;
import org.longrope.eval.perplexity.DocumentScore;
import org.longrope.search.Surrogate;

/** Two strategies on the tiny world, and evaluators without a model that count and can die. */
public final class TinyLaboratory {
  private static Path heldOut;

  private TinyLaboratory() {}

  /** Documents that the tiny world does not have. */
  public static synchronized Path heldOut() {
    if (heldOut == null) {
      heldOut =
          TinyWorld.partition(
              TinyWorld.shared().model().resolveSibling("held-out-documents"),
              TinyWorld.documents(2, TinyWorld.SHORTEST, 99));
    }
    return heldOut;
  }

  /** Written beside the output, which is not yet there. */
  public static Path file(Path folder) {
    TinyWorld world = TinyWorld.shared();
    return write(
        folder,
        """
        problems { tiny { model = "%s", data = "%s", held-out = "%s", target-length = 128 } }
        strategies {
          paper { documents = 2, population = 6, parents = 3, mutations = 2, crossovers = 2, iterations = 3 }
          short = ${strategies.paper} { iterations = 1 }
        }
        reference = paper
        """
            .formatted(world.model(), world.data(), heldOut()));
  }

  static Path write(Path folder, String text) {
    try {
      return Files.writeString(folder.resolve("laboratory.conf"), text);
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
  }

  /** Evaluators that answer by a formula. */
  static final class Counting implements ProblemExecutors {
    private final List<EvaluationTask> asked = new ArrayList<>();
    private int left;

    /**
     * Counts down to the kill of the process.
     *
     * @param left answers until the process is killed
     */
    Counting(int left) {
      this.left = left;
    }

    List<EvaluationTask> asked() {
      return asked;
    }

    @Override
    public void with(
        WorkerSpec setup, FaultTolerance limits, double slowest, Consumer<TaskExecutor> work) {
      work.accept(Runs.local(this::answer));
    }

    private TaskResult<DocumentScore> answer(EvaluationTask task) {
      if (left-- == 0) {
        throw new IllegalStateException("killed");
      }
      asked.add(task);
      return synthetic(task);
    }
  }

  private static TaskResult<DocumentScore> synthetic(EvaluationTask task) {
    double[] lambda = task.rescaling().factors().toArray();
    double nll = 2 + 0.001 * task.rescaling().startTokens();
    for (int i = 0; i < lambda.length; i++) {
      nll += Math.abs(Math.log(lambda[i]) - 1.1 * i / lambda.length);
    }
    long tokens = task.protocol().length() - 1;
    return task.completed(
        new DocumentScore(task.documentId(), nll * tokens, tokens, 0.1), "f32", null);
  }

  /** Does the same as the command, without Spark. */
  static ComparisonReport run(
      Path file, Path output, int seeds, ProblemExecutors scorers, String... strategies) {
    return new StrategyBenchmark(
            ComparisonPlanReader.read(StoredFile.of(file), List.of(), List.of(strategies), seeds),
            output,
            new Configuration(),
            scorers,
            Surrogate.NONE,
            new StrategyBenchmarkListener() {
              @Override
              public void progress(String line, long done, long total, boolean milestone) {
                if (!(done >= 1 && done <= total)) {
                  throw new AssertionError(
                      String.format(Locale.ROOT, "%s: %d of %d", line, done, total));
                }
              }

              @Override
              public void warning(String sentence) {
                throw new AssertionError(sentence);
              }
            })
        .run();
  }

  /** Files in a directory and below, by their paths in it. */
  static List<String> files(Path directory) {
    try (Stream<Path> files = Files.walk(directory)) {
      return files
          .filter(Files::isRegularFile)
          .map(file -> directory.relativize(file).toString())
          .sorted()
          .toList();
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
  }
}
