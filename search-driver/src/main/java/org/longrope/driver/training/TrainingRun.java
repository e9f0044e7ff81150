package org.longrope.driver.training;

import ai.djl.Device;
import com.fasterxml.jackson.databind.node.ObjectNode;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardCopyOption;
import java.util.List;
import java.util.Map;
import java.util.function.Consumer;
import org.longrope.driver.factors.FactorExport;
import org.longrope.driver.factors.FactorFile;
import org.longrope.driver.factors.FactorSet;
import org.longrope.driver.factors.ModelFiles;
import org.longrope.driver.factors.ScalesExport;
import org.longrope.driver.run.replay.RunDirectory;
import org.longrope.driver.store.Versions;
import org.longrope.driver.store.files.StoredFile;
import org.longrope.driver.store.files.WorkingCopy;
import org.longrope.eval.AtomicFile;
import org.longrope.eval.BadInputException;
import org.longrope.eval.Json;
import org.longrope.eval.checkpoint.DType;
import org.longrope.eval.decoder.AttentionWindow;
import org.longrope.eval.rope.QueryScales;
import org.longrope.eval.rope.RopeScaling;
import org.longrope.eval.training.FloatTensor;
import org.longrope.eval.training.FoldedTensors;
import org.longrope.eval.training.Lora;
import org.longrope.eval.training.Replicas;
import org.longrope.eval.training.StateFiles;
import org.longrope.eval.training.TokenStream;
import org.longrope.eval.training.TrainedModel;
import org.longrope.eval.training.Trainer;
import org.longrope.eval.training.TrainingPlan;
import org.longrope.eval.training.TrainingState;

/**
 * Training in its output directory. Until it ends, the directory holds the state from which it can
 * be resumed; at the end, a Hugging Face checkpoint, {@code training.json} (what it was trained
 * with) and {@code training.csv} (step, loss, gradient norm, learning rate).
 */
public final class TrainingRun {
  private static final String STATE = "training-state.safetensors";
  private static final String WEIGHTS = "model.safetensors";
  private static final String RECORD = "training.json";
  private static final String CONFIG = "config.json";

  private final Training training;
  private final BaseModel origin;
  private final TrainingPlan plan;
  private final TokenStream data;
  private final WorkingCopy folder;
  private final Path output;

  /**
   * Prepares a training.
   *
   * @param folder a directory that is new, or that holds this training; the caller closes it
   */
  public TrainingRun(Training training, TokenStream data, WorkingCopy folder) {
    this.training = training;
    origin = training.origin();
    plan = training.plan();
    this.data = data;
    this.folder = folder;
    output = folder.path();
  }

  /**
   * Trains, or resumes a training that was interrupted.
   *
   * @param dataHash content hash of the partition
   * @param checkpointEvery steps between saved states
   * @param type of the finished weights
   * @param adapter whether low-rank changes are left apart from their model
   * @param threads of a forward and backward pass, for the record
   * @param replicas that train together; the first of them writes
   * @param device to train on
   * @param listener receives every step
   * @throws BadInputException if the directory holds something else
   */
  public void run(
      String dataHash,
      int checkpointEvery,
      DType type,
      boolean adapter,
      int threads,
      Replicas replicas,
      Device device,
      Consumer<Trainer.Step> listener)
      throws IOException {
    TrainingRecord record = training.record(dataHash, data.size(), replicas.count());
    String identity = record.identity();
    boolean writes = replicas.rank() == 0;
    TrainingCurve curve = new TrainingCurve(StoredFile.of(output));
    requireFree();
    folder.fetch(STATE);
    folder.fetch(TrainingCurve.FILE);
    Path saved = output.resolve(STATE);
    TrainingState start = Files.exists(saved) ? StateFiles.load(saved, identity) : training.begin();
    replicas.begin(identity, start.step());
    TrainedModel model = training.model();
    try (Trainer trainer =
        new Trainer(model, plan, data, training.schedule(), start, replicas, device)) {
      if (writes) {
        makeOutput();
        curve.trim(trainer.step());
      }
      while (trainer.step() < plan.steps()) {
        Trainer.Step step = trainer.next();
        if (writes) {
          curve.append(step);
          if (step.step() % checkpointEvery == 0 && step.step() < plan.steps()) {
            StateFiles.save(saved, trainer.state(), identity);
            // The curve first: it must have all steps of the saved state.
            folder.publish(TrainingCurve.FILE);
            folder.publish(STATE);
          }
        }
        listener.accept(step);
      }
      if (writes) {
        writeRecord(record.finished(type, threads, Versions.toJson()));
        finish(model, trainer.state(), type, adapter);
        Files.deleteIfExists(saved);
        folder.publishAll(TrainingRun::isWeights);
        folder.delete(STATE);
      }
    }
  }

  /**
   * Rejects a directory in which a training has finished.
   *
   * @throws BadInputException if it holds a model
   */
  public static void requireUnfinished(StoredFile output) {
    if (isFinished(output)) {
      throw BadInputException.of(
          "%s already holds a model: choose another --output, or remove it.", output);
    }
    for (String name : List.of(CONFIG, Adapter.CONFIG)) {
      if (!isBegun(output) && output.resolve(name).exists()) {
        throw inTheWay(output.resolve(name));
      }
    }
  }

  private void requireFree() {
    StoredFile directory = folder.directory();
    requireUnfinished(directory);
    for (Path file : ModelFiles.small(origin.tokenizer())) {
      StoredFile target = directory.resolve(String.valueOf(file.getFileName()));
      if (!isBegun(directory)
          && target.exists()
          && !target.sha256().equals(StoredFile.of(file).sha256())) {
        throw inTheWay(target);
      }
    }
  }

  private static BadInputException inTheWay(StoredFile file) {
    return BadInputException.of(
        "%s exists, and a training would replace it: expected a new directory; choose another"
            + " --output, or remove the file.",
        file);
  }

  /** Tells whether a directory holds a training that can be resumed. */
  private static boolean isBegun(StoredFile output) {
    return output.resolve(STATE).exists() || output.resolve(RECORD).exists();
  }

  /** Tells whether a training has finished in a directory: the weights are written last. */
  public static boolean isFinished(StoredFile output) {
    return output.resolve(WEIGHTS).exists() || output.resolve(Adapter.WEIGHTS).exists();
  }

  private static boolean isWeights(String name) {
    return name.equals(WEIGHTS) || name.equals(Adapter.WEIGHTS);
  }

  private void makeOutput() {
    try {
      Files.createDirectories(output);
    } catch (IOException e) {
      throw new BadInputException(
          "Cannot write into "
              + output
              + ": expected a directory that can be made and written; choose another --output.",
          e);
    }
  }

  private void finish(TrainedModel model, TrainingState state, DType type, boolean adapter)
      throws IOException {
    Lora lowRank = training.lowRank();
    if (adapter && lowRank != null) {
      Adapter.write(output, origin.name(), lowRank, state.weights(), type);
    } else {
      writeModel(
          FoldedTensors.of(origin.config(), training.queryScales(), model.weights(state)), type);
    }
  }

  private void writeRecord(TrainingRecord record) throws IOException {
    write(RECORD, Json.pretty(record));
    FactorSet factors = training.factors();
    if (factors != null) {
      write(RunDirectory.FACTORS, FactorFile.print(ofTheTrainedModel(factors)));
    }
  }

  /**
   * Returns the factors as those of the trained model, whose config.json holds them in place of the
   * rope type that the original had, and whose weights contain the query scales.
   */
  private FactorSet ofTheTrainedModel(FactorSet factors) {
    return origin.config().rope().scaling().equals(RopeScaling.NONE)
        ? factors.withQueryScales(QueryScales.NONE)
        : FactorFile.parse(CONFIG, configJson(DType.F32), sentence -> {}).longest();
  }

  private void write(String name, String content) throws IOException {
    AtomicFile.write(output.resolve(name), content.getBytes(StandardCharsets.UTF_8));
  }

  private void writeModel(Map<String, FloatTensor> weights, DType type) throws IOException {
    for (Path file : ModelFiles.small(origin.tokenizer())) {
      Files.copy(
          file,
          output.resolve(String.valueOf(file.getFileName())),
          StandardCopyOption.REPLACE_EXISTING);
    }
    write(CONFIG, configJson(type));
    // Last: a directory with weights is a finished training.
    StateFiles.saveModel(output.resolve(WEIGHTS), weights, type);
  }

  private String configJson(DType type) {
    FactorSet factors = training.factors();
    if (factors == null) {
      return origin.configJson(type);
    }
    ObjectNode json =
        new FactorExport(
                // It was trained with the checkpoint's attention window, whatever they were found
                // with.
                FactorFile.of(
                    RunDirectory.FACTORS, factors.withAttentionWindow(AttentionWindow.CONFIG)),
                StoredFile.of(origin.tokenizer()),
                FactorExport.Format.HF,
                StoredFile.of(output),
                null,
                null,
                null,
                FactorExport.Contents.CONFIG,
                false)
            .configJson(sentence -> {});
    ScalesExport.recordFolded(json, factors.queryScales());
    BaseModel.setType(json, type);
    return json.toPrettyString() + "\n";
  }
}
