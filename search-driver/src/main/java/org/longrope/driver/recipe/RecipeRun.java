package org.longrope.driver.recipe;

import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.channels.FileChannel;
import java.nio.channels.FileLock;
import java.nio.channels.OverlappingFileLockException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import org.apache.hadoop.conf.Configuration;
import org.longrope.driver.store.files.StoredFile;
import org.longrope.driver.training.TrainingRun;
import org.longrope.eval.BadInputException;
import org.longrope.eval.checkpoint.Checkpoint;

/**
 * A recipe in its directory. A step that was done with the same inputs, and whose result is there
 * unchanged, is passed over; one that was broken off is given again to its command, which goes on
 * where it stopped.
 */
public final class RecipeRun {
  private static final String LOCK = ".lock";

  private final Recipe recipe;
  private final Path directory;
  private final StepRecords records;
  private final Fingerprints fingerprints;

  /** By step, of those whose result is there. */
  private final Map<String, String> results = new HashMap<>();

  /** What was last seen of each step whose needs are there; reading it again may take gigabytes. */
  private final Map<Step, StepRecord> seen = new HashMap<>();

  /** What is wrong with handed-off results that are there, by step. */
  private final Map<String, String> unusable = new HashMap<>();

  /** Runs a step's command. */
  public interface Runner {
    /**
     * @param arguments its words after the command
     */
    void run(Step step, List<String> arguments) throws Exception;
  }

  /** What people are told. */
  public interface Listener {
    /** A step begins, or goes on. */
    void begins(Step step, int number, int of);

    /** A step was passed over, because all of it is there. */
    void there(Step step, double seconds);

    void ended(Step step, double seconds);
  }

  /**
   * @param directory for all that the steps leave; made when something is written
   */
  public RecipeRun(Recipe recipe, Path directory, Configuration hadoop) {
    this.recipe = recipe;
    this.directory = directory.toAbsolutePath().normalize();
    records = new StepRecords(this.directory);
    fingerprints = new Fingerprints(hadoop);
  }

  /** The words of a step's command line after the command. */
  public List<String> arguments(Step step) {
    return step.arguments(directory, this::result);
  }

  /** What a step leaves for others. */
  public Path result(String step) {
    return recipe.step(step).result(directory);
  }

  /** What the step's command would leave for others, which a hand-off may have elsewhere. */
  public String promised(Step step) {
    return step.command().result(step.output(directory)).toString();
  }

  /**
   * Which steps are done, by name; looks at all that is there.
   *
   * @throws BadInputException if a step was begun with other inputs, or its result was changed
   */
  public Map<String, Boolean> done() {
    Map<String, Boolean> done = new LinkedHashMap<>();
    for (Step step : recipe.steps()) {
      done.put(step.name(), isReady(step) && lookAt(step).finished());
    }
    return done;
  }

  /**
   * Runs what is not done yet.
   *
   * @return text for people: what was measured
   * @throws BadInputException if a step was begun with other inputs, or its result was changed
   * @throws IllegalStateException if a step that is made elsewhere is not there yet; what does not
   *     need it was done
   */
  public String execute(Runner runner, Listener listener) throws Exception {
    // Before anything is begun: what is wrong with the fifth step is better known now.
    done();
    try (FileChannel channel = open();
        FileLock lock = lock(channel)) {
      Objects.requireNonNull(lock);
      RecipeSummary.writeRecipe(recipe, directory);
      summary().write();
      int number = 0;
      for (Step step : recipe.steps()) {
        number++;
        if (isReady(step)) {
          StepRecord record = lookAt(step);
          if (record.finished()) {
            listener.there(step, record.seconds());
          } else if (step.handOff() == null) {
            run(step, record, runner, listener, number);
          }
        }
        summary().write();
      }
    }
    requireHandOffs();
    return summary().text();
  }

  private boolean isReady(Step step) {
    return results.keySet().containsAll(step.needs());
  }

  private void requireHandOffs() {
    for (Step step : recipe.steps()) {
      if (step.handOff() != null && !results.containsKey(step.name())) {
        throw new IllegalStateException(
            String.format(
                "Step %s is handed off and %s %s: make it there, as 'longrope %s %s' would, and"
                    + " give the same command again",
                step.name(),
                step.handOff(),
                unusable.containsKey(step.name())
                    ? "cannot be used (" + unusable.get(step.name()) + ")"
                    : "is not there yet",
                step.command(),
                String.join(" ", arguments(step))));
      }
    }
  }

  private void run(Step step, StepRecord before, Runner runner, Listener listener, int number)
      throws Exception {
    listener.begins(step, number, recipe.steps().size());
    StepRecord begun = with(before, StepRecord.State.BEGUN, "", before.seconds());
    records.write(step, begun);
    seen.put(step, begun);
    long start = System.nanoTime();
    try {
      if (!endedUnrecorded(step, before)) {
        runner.run(step, arguments(step));
      }
    } catch (BadInputException e) {
      if (before.state() == StepRecord.State.PENDING) {
        // Nothing was begun, and what was wrong with the step may be changed.
        records.remove(step);
      }
      throw e;
    }
    double seconds = before.seconds() + (System.nanoTime() - start) * 1e-9;
    String hash = fingerprints.result(step, step.result(directory));
    results.put(step.name(), hash);
    StepRecord after = with(before, StepRecord.State.DONE, hash, seconds);
    records.write(step, after);
    seen.put(step, after);
    listener.ended(step, seconds);
  }

  /** A training that was killed after its end, before this was written down, is not run again. */
  private boolean endedUnrecorded(Step step, StepRecord before) {
    return before.state() == StepRecord.State.BEGUN
        && step.command() == StepCommand.FINETUNE
        && TrainingRun.isFinished(StoredFile.of(step.output(directory)));
  }

  private static StepRecord with(
      StepRecord record, StepRecord.State state, String resultHash, double seconds) {
    return new StepRecord(
        state, record.inputs(), record.inputsHash(), record.result(), resultHash, seconds);
  }

  /** How far a step is whose needs are there; keeps the hash of its result. */
  private StepRecord lookAt(Step step) {
    StepRecord record = read(step);
    seen.put(step, record);
    return record;
  }

  private StepRecord read(Step step) {
    Path result = step.result(directory);
    if (step.handOff() != null) {
      String hash = handedOff(step, result);
      boolean there = !hash.isEmpty();
      if (there) {
        results.put(step.name(), hash);
      }
      return new StepRecord(
          there ? StepRecord.State.HANDED_OFF : StepRecord.State.PENDING,
          Map.of(),
          "",
          result.toString(),
          hash,
          0);
    }
    Map<String, String> inputs = fingerprints.inputs(step, results);
    String inputsHash = Fingerprints.of(step.command(), inputs);
    StepRecord record =
        records
            .read(step)
            .orElse(
                new StepRecord(
                    StepRecord.State.PENDING, inputs, inputsHash, result.toString(), "", 0));
    if (!record.inputsHash().equals(inputsHash)) {
      throw BadInputException.of(
          "Step %s in %s was begun with other inputs (%s): expected the same; remove %s to run it"
              + " again, or choose another --output.",
          step.name(), directory, differences(record.inputs(), inputs), folder(step));
    }
    if (record.finished()) {
      requireUnchanged(step, record, result);
      results.put(step.name(), record.resultHash());
    }
    return record;
  }

  /** Its hash; empty while it is not there, or is being copied. */
  private String handedOff(Step step, Path result) {
    if (!Files.exists(result)) {
      return "";
    }
    try {
      if (step.command() == StepCommand.FINETUNE && !Checkpoint.open(result).isExtended()) {
        throw BadInputException.of(
            "config.json of %s has no longrope factors: expected those that it was fine-tuned"
                + " with.",
            result);
      }
      return fingerprints.result(step, result);
    } catch (BadInputException e) {
      unusable.put(step.name(), String.valueOf(e.getMessage()));
      return "";
    }
  }

  private void requireUnchanged(Step step, StepRecord record, Path result) {
    String now = Files.exists(result) ? fingerprints.result(step, result) : "nothing";
    if (!now.equals(record.resultHash())) {
      throw BadInputException.of(
          "%s of step %s has changed since it was made: restore it, or remove %s to run the step"
              + " again.",
          result, step.name(), folder(step));
    }
  }

  private String folder(Step step) {
    return String.format(
        "%s and %s/%s.json",
        directory.resolve(step.name()), directory.resolve(StepRecords.FOLDER), step.name());
  }

  private static String differences(Map<String, String> before, Map<String, String> now) {
    List<String> names = new ArrayList<>();
    Map<String, String> all = new LinkedHashMap<>(before);
    all.putAll(now);
    for (String name : all.keySet()) {
      if (!Objects.equals(before.get(name), now.get(name))) {
        names.add(name);
      }
    }
    return String.join(", ", names);
  }

  private FileChannel open() {
    try {
      Files.createDirectories(directory);
      return FileChannel.open(
          directory.resolve(LOCK), StandardOpenOption.CREATE, StandardOpenOption.WRITE);
    } catch (IOException e) {
      throw new BadInputException(
          "Cannot write into "
              + directory
              + ": expected a directory that can be made and written; choose another --output.",
          e);
    }
  }

  private FileLock lock(FileChannel channel) {
    FileLock lock = null;
    try {
      lock = channel.tryLock();
    } catch (OverlappingFileLockException e) {
      // Said below: another thread of this process has it.
    } catch (IOException e) {
      throw new UncheckedIOException("Cannot lock " + directory, e);
    }
    if (lock == null) {
      throw BadInputException.of(
          "Another process works on %s: wait for it, or choose another --output.", directory);
    }
    return lock;
  }

  private RecipeSummary summary() {
    Map<Step, StepRecord> all = new LinkedHashMap<>();
    for (Step step : recipe.steps()) {
      all.put(
          step,
          seen.getOrDefault(
              step,
              new StepRecord(
                  StepRecord.State.PENDING,
                  Map.of(),
                  "",
                  step.result(directory).toString(),
                  "",
                  0)));
    }
    return new RecipeSummary(recipe, directory, all);
  }
}
