package org.longrope.driver.recipe;

import java.nio.file.Path;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import org.apache.hadoop.conf.Configuration;
import org.longrope.driver.store.files.StoredFile;
import org.longrope.driver.training.TrainingRun;
import org.longrope.eval.BadInputException;

/**
 * Run of a recipe in its directory. A finished step whose inputs and result are unchanged is
 * skipped; an interrupted step is given to its command again, which resumes it.
 */
public final class RecipeRun {
  private final Recipe recipe;
  private final Path directory;
  private final StepRecords records;
  private final Fingerprints fingerprints;
  private final RecipeState state;

  /** Runs a step's command. */
  public interface Runner {
    /**
     * Runs the command to its end.
     *
     * @param arguments words after the command
     */
    void run(Step step, List<String> arguments) throws Exception;
  }

  /** Receiver of the progress. */
  public interface Listener {
    /** Receives a step that starts or is resumed. */
    void stepStarted(Step step, int number, int of);

    /** Receives a step that is skipped because it is finished. */
    void stepSkipped(Step step, double seconds);

    /** Receives a step that is finished now. */
    void stepFinished(Step step, double seconds);
  }

  /**
   * Opens a recipe's directory, where there may be none yet.
   *
   * @param directory for the output of all steps; made when something is written
   */
  public RecipeRun(Recipe recipe, Path directory, Configuration hadoop) {
    this.recipe = recipe;
    this.directory = directory.toAbsolutePath().normalize();
    records = new StepRecords(this.directory);
    fingerprints = new Fingerprints(hadoop);
    state = new RecipeState(recipe, this.directory, records, fingerprints);
  }

  /** Returns the words of a step's command line after the command. */
  public List<String> arguments(Step step) {
    return step.arguments(directory, this::result);
  }

  /** Returns the path of a step's result, which other steps use. */
  public Path result(String step) {
    return recipe.step(step).result(directory);
  }

  /** Returns the path at which the step's own command leaves its result, handed off or not. */
  public String promised(Step step) {
    return step.command().result(step.output(directory)).toString();
  }

  /**
   * Tells by name whether each step is finished; reads all results.
   *
   * @throws BadInputException if a step was begun with other inputs, or its result was changed
   */
  public Map<String, Boolean> finished() {
    Map<String, Boolean> finished = new LinkedHashMap<>();
    for (Step step : recipe.steps()) {
      finished.put(step.name(), state.isReady(step) && state.read(step).isFinished());
    }
    return finished;
  }

  /**
   * Runs the steps that are not finished.
   *
   * @return table of the measurements
   * @throws BadInputException if a step was begun with other inputs, or its result was changed
   * @throws IllegalStateException if a handed-off step has no result yet; steps that do not need it
   *     are finished
   */
  public String execute(Runner runner, Listener listener) throws Exception {
    // An error in the fifth step must be found before the first one runs.
    finished();
    try (RecipeLock lock = RecipeLock.take(directory)) {
      RecipeSummary.writeRecipe(recipe, directory);
      summary().write();
      int number = 0;
      for (Step step : recipe.steps()) {
        number++;
        if (state.isReady(step)) {
          StepRecord record = state.read(step);
          if (record.isFinished()) {
            listener.stepSkipped(step, record.seconds());
          } else if (step.handOff() == null) {
            listener.stepStarted(step, number, recipe.steps().size());
            double seconds = run(step, record, runner);
            listener.stepFinished(step, seconds);
          }
        }
        summary().write();
      }
    }
    requireHandOffs();
    return summary().text();
  }

  private double run(Step step, StepRecord before, Runner runner) throws Exception {
    record(step, before.with(StepRecord.State.BEGUN, "", before.seconds()));
    long start = System.nanoTime();
    try {
      if (!isFinishedWithoutRecord(step, before)) {
        runner.run(step, arguments(step));
      }
    } catch (BadInputException e) {
      if (before.state() == StepRecord.State.PENDING) {
        // Nothing was begun, and the user may correct the step.
        records.remove(step);
      }
      throw e;
    }
    double seconds = before.seconds() + (System.nanoTime() - start) * 1e-9;
    String hash = fingerprints.result(step, step.result(directory));
    record(step, before.with(StepRecord.State.DONE, hash, seconds));
    return seconds;
  }

  private void record(Step step, StepRecord record) {
    records.write(step, record);
    state.update(step, record);
  }

  /** Tells whether a training was killed between its end and the record of it. */
  private boolean isFinishedWithoutRecord(Step step, StepRecord before) {
    return before.state() == StepRecord.State.BEGUN
        && step.command() == StepCommand.FINETUNE
        && TrainingRun.isFinished(StoredFile.of(step.output(directory)));
  }

  private void requireHandOffs() {
    for (Step step : recipe.steps()) {
      if (step.handOff() != null && !state.hasResult(step)) {
        String reason = state.unusable(step);
        throw new IllegalStateException(
            String.format(
                "Step %s is handed off and %s %s: make it there, as 'longrope %s %s' would, and"
                    + " give the same command again",
                step.name(),
                step.handOff(),
                reason == null ? "is not there yet" : "cannot be used (" + reason + ")",
                step.command(),
                String.join(" ", arguments(step))));
      }
    }
  }

  private RecipeSummary summary() {
    return new RecipeSummary(recipe, directory, state.records());
  }
}
