package org.longrope.driver.measure;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.node.ObjectNode;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import org.apache.hadoop.conf.Configuration;
import org.jspecify.annotations.Nullable;
import org.longrope.driver.execution.DocumentHashes;
import org.longrope.driver.execution.EvaluationTask;
import org.longrope.driver.execution.ModelTask;
import org.longrope.driver.execution.TaskGroup;
import org.longrope.driver.execution.worker.LoadedModel;
import org.longrope.driver.execution.worker.ModelSpec;
import org.longrope.driver.execution.worker.TaskDocuments;
import org.longrope.driver.execution.worker.WorkerSpec;
import org.longrope.driver.store.NumberedTasks;
import org.longrope.driver.store.TaskFormat;
import org.longrope.driver.store.Versions;
import org.longrope.driver.store.cache.EvaluationEnvironment;
import org.longrope.driver.store.files.FileLocation;
import org.longrope.driver.store.files.HadoopSettings;
import org.longrope.eval.checkpoint.Checkpoint;
import org.longrope.eval.decoder.AttentionWindow;
import org.longrope.eval.decoder.ResidentModel;

/**
 * A measurement: tasks for one model, and everything that their results depend on.
 *
 * @param model location of the checkpoint
 * @param longest number of tokens of a task
 * @param generates tells whether tasks keep the keys and values of all layers
 * @param tokenizerHash that the model's tokenizer must have; null for tasks without prompts
 * @param partition of the documents, for workers on other hosts; null if they travel with the tasks
 * @param sequences token ids of the documents by id; empty for tasks without documents
 * @param identity everything that the results depend on, as the log keeps it
 * @param tasks each once, in an order that the identity determines
 * @param groups the tasks as they are submitted
 */
public record Measurement(
    FileLocation model,
    Checkpoint checkpoint,
    AttentionWindow window,
    int longest,
    boolean generates,
    @Nullable String tokenizerHash,
    @Nullable TaskDocuments partition,
    Map<String, int[]> sequences,
    ObjectNode identity,
    List<? extends ModelTask<?>> tasks,
    List<TaskGroup> groups) {
  public Measurement {
    tasks = List.copyOf(tasks);
    groups = List.copyOf(groups);
  }

  /** Returns the format by which the log names the tasks. */
  public TaskFormat format() {
    return new NumberedTasks(tasks);
  }

  /**
   * Returns what workers need.
   *
   * @param threads of a task
   */
  public WorkerSpec workerSpec(Configuration hadoop, int threads) {
    TaskDocuments documents = partition;
    if (documents == null && !sequences.isEmpty()) {
      documents = new TaskDocuments.Inline(sequences);
    }
    return new WorkerSpec(
        new ModelSpec(
            model.absolute(),
            checkpoint.sha256(),
            window.toString(),
            HadoopSettings.of(hadoop),
            longest,
            threads),
        tokenizerHash,
        documents);
  }

  /** Loads the model in this process. */
  public LoadedModel load() {
    return LoadedModel.load(checkpoint, window, longest);
  }

  /**
   * Checks that keys and values fit into memory before the first task needs them.
   *
   * @throws org.longrope.eval.BadInputException if they do not
   */
  public void requireMemory(ResidentModel loaded) {
    if (generates) {
      loaded.requireSession(longest);
    }
  }

  /** Returns the hashes of the documents, by which the evaluation cache knows them. */
  public DocumentHashes documentHashes() {
    return DocumentHashes.of(
        id -> Objects.requireNonNull(sequences.get(id)),
        tokenizerHash,
        tasks.stream()
            .filter(EvaluationTask.class::isInstance)
            .map(EvaluationTask.class::cast)
            .toList());
  }

  /** Returns the environment by which the evaluation cache knows the results. */
  public EvaluationEnvironment environment() {
    JsonNode versions = Versions.toJson();
    return EvaluationEnvironment.of(
        checkpoint, window, versions.path("longrope").asText(), versions.path("libtorch").asText());
  }
}
