package org.longrope.driver.cli;

import com.fasterxml.jackson.databind.node.ObjectNode;
import java.io.IOException;
import java.util.function.DoubleConsumer;
import java.util.function.Supplier;
import org.apache.hadoop.conf.Configuration;
import org.apache.spark.api.java.JavaSparkContext;
import org.jspecify.annotations.Nullable;
import org.longrope.driver.execution.LocalRespondent;
import org.longrope.driver.execution.Respondents;
import org.longrope.driver.execution.spark.SparkRespondents;
import org.longrope.driver.execution.worker.LoadedModel;
import org.longrope.driver.execution.worker.ModelSpec;
import org.longrope.driver.store.KeptAnswers;
import org.longrope.driver.store.files.FileLocation;
import org.longrope.driver.store.files.HadoopSettings;
import org.longrope.driver.store.files.StoredFile;
import org.longrope.eval.BadInputException;
import org.longrope.eval.checkpoint.Checkpoint;
import org.longrope.eval.decoder.AttentionWindow;
import org.longrope.eval.decoder.Libtorch;
import org.longrope.eval.decoder.StopSignal;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Option;

/** Options of commands that put questions to a model: who answers, and where answers are kept. */
final class AnsweringOptions {
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

  @Mixin SparkOptions spark = new SparkOptions();

  /**
   * @throws BadInputException if an option cannot be used
   */
  void check() {
    if (threads != null && !(threads >= 1)) {
      throw BadInputException.of("--threads is %d: expected 1 or more.", threads);
    }
    if (output != null) {
      KeptAnswers.requireUsable(output.on(spark.hadoop()));
    }
  }

  /** All cores for one question after the other here; one for each of many on Spark. */
  int threads() {
    int cores = spark.master == null ? Runtime.getRuntime().availableProcessors() : 1;
    return threads == null ? cores : threads;
  }

  /**
   * The answers of an earlier process that was given the same command, if there was one.
   *
   * @param asked all that the answers depend on
   */
  KeptAnswers kept(ObjectNode asked) {
    return output == null
        ? KeptAnswers.inMemory(Progress::warn)
        : KeptAnswers.open(output, asked, spark.hadoop(), Progress::warn);
  }

  /** Told where there is nothing left to ask, which only an output directory can bring about. */
  void sayFinished() {
    Progress.line("%s holds all answers: nothing is asked again.", String.valueOf(output));
  }

  /**
   * Loads the model here, or starts Spark, whose executors load it.
   *
   * @param model where the checkpoint is
   * @param longest tokens that the model will be asked for
   * @param progress takes the share of a question that is answered, 0 … 1, of a model here
   */
  Respondents respondents(
      String command,
      FileLocation model,
      Checkpoint checkpoint,
      AttentionWindow window,
      int longest,
      DoubleConsumer progress) {
    if (spark.master == null) {
      Libtorch.useThreads(threads());
      DeviceLines.print(threads());
      return new LocalRespondent(
          LoadedModel.load(checkpoint, window, longest), StopSignal.of(() -> false, progress));
    }
    JavaSparkContext context = spark.settings().start("longrope " + command);
    return new SparkRespondents(
        context,
        new ModelSpec(
            model.absolute(),
            checkpoint.sha256(),
            window.toString(),
            HadoopSettings.of(context.hadoopConfiguration()),
            longest,
            threads()),
        ClusterMessages.INSTANCE);
  }

  /**
   * Writes a result into the output directory, if there is one, and where else it is wanted. What
   * an earlier process has finished is not written anew: it is that process's result.
   *
   * @param elsewhere another file that is to hold it; null for none
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
