package org.longrope.driver.run.results;

import java.time.Duration;
import java.time.Instant;
import java.util.List;
import java.util.Locale;
import java.util.OptionalDouble;
import java.util.stream.DoubleStream;
import java.util.stream.Stream;
import org.jspecify.annotations.Nullable;
import org.longrope.driver.report.table.Numbers;
import org.longrope.driver.run.replay.BegunRun;
import org.longrope.driver.run.replay.CandidateTasks;
import org.longrope.driver.run.replay.Evaluations;
import org.longrope.driver.run.replay.FitnessEstimator;
import org.longrope.driver.run.replay.LogEntry;
import org.longrope.driver.run.replay.RunCount;
import org.longrope.driver.run.replay.RunDirectory;
import org.longrope.driver.run.replay.RunLog;
import org.longrope.driver.run.replay.RunReplay;
import org.longrope.driver.run.replay.RunReplay.Decision;
import org.longrope.driver.run.replay.RunState;
import org.longrope.driver.run.settings.SearchSettings;
import org.longrope.search.Outcome;

/**
 * State of a run as read from its journal, without Spark, while it runs and afterwards.
 *
 * @param location of the run
 * @param candidates number of candidates that the search has chosen
 * @param generation of the last of them
 * @param times of the journal's records
 * @param evaluations times of the records that did not come from the evaluation cache
 * @param finished whether the results are written
 * @param needsNoRescaling sentence of a finished run whose model needs no rescaling; null of others
 */
public record RunStatus(
    String location,
    SearchSettings settings,
    int candidates,
    int generation,
    RunState state,
    List<Instant> times,
    List<Instant> evaluations,
    boolean finished,
    @Nullable String needsNoRescaling) {
  private static final double SECONDS_PER_HOUR = 3600;

  /** Number of last evaluations from which the present pace is computed. */
  private static final int RECENT = 200;

  public RunStatus {
    times = List.copyOf(times);
    evaluations = List.copyOf(evaluations);
  }

  /**
   * Reads a run.
   *
   * @throws org.longrope.eval.BadInputException if it is damaged
   */
  public static RunStatus of(RunDirectory directory) {
    BegunRun run = BegunRun.read(directory);
    RunLog log = run.log();
    return of(run, log, RunReplay.of(log, run::tasks));
  }

  /**
   * Reads the status from a log.
   *
   * @param replay of the whole log
   */
  static RunStatus of(BegunRun run, RunLog log, RunReplay replay) {
    Evaluations evaluations = log.evaluations();
    RunCount count = new RunCount(log, run.plannedEvaluations());
    count.best(best(run, evaluations, replay));
    List<Decision> decisions = replay.decisions();
    RunDirectory directory = run.directory();
    return new RunStatus(
        directory.location(),
        run.settings(),
        decisions.size(),
        decisions.isEmpty() ? 0 : decisions.get(decisions.size() - 1).proposal().generation(),
        count.state(0),
        log.entries().stream().map(LogEntry::at).toList(),
        log.entries().stream().filter(RunStatus::isLive).map(LogEntry::at).toList(),
        directory.exists(RunDirectory.SUMMARY_JSON),
        directory.needsNoRescaling());
  }

  /**
   * Returns the least perplexity; that of the result of a strategy that compares on some documents.
   */
  private static OptionalDouble best(BegunRun run, Evaluations evaluations, RunReplay replay) {
    FitnessEstimator estimator = run.estimator(evaluations);
    boolean estimates = !run.search().comparedOn(run.inputs().documents().size()).isEmpty();
    OptionalDouble result =
        perplexities(
                replay.decisions().stream()
                    .filter(one -> estimates && one.isComplete())
                    .filter(one -> one.proposal().documents().isEmpty())
                    .map(Decision::tasks),
                estimator)
            .min();
    return result.isPresent()
        ? result
        : perplexities(
                replay.decisions().stream()
                    .map(one -> run.problem().rescaling(one.proposal().candidate()))
                    .map(run::comparedTasks)
                    .filter(tasks -> evaluations.containsAll(tasks.all())),
                estimator)
            .min();
  }

  private static DoubleStream perplexities(
      Stream<CandidateTasks> tasks, FitnessEstimator estimator) {
    return tasks
        .map(estimator::of)
        .filter(Outcome.Fitness.class::isInstance)
        .mapToDouble(outcome -> ((Outcome.Fitness) outcome).perplexity());
  }

  private static boolean isLive(LogEntry entry) {
    return entry instanceof LogEntry.Evaluated evaluated && evaluated.result().isLive();
  }

  /** Returns a few lines for people, as of a time. */
  public String toText(Instant now) {
    StringBuilder text = new StringBuilder();
    line(text, "run", "%s, to %,d tokens, %s", location, settings.targetLength(), settings.mode());
    line(text, "state", "%s", progress(now));
    line(
        text,
        "search",
        "%s decided, generation %d of %d",
        Numbers.counted(candidates, "candidate"),
        generation,
        settings.search().generations(settings.documents()));
    line(
        text,
        "evaluations",
        "%,d done, %,d of them rejected, at most %,d to go",
        state.evaluated(),
        state.rejected(),
        finished ? 0 : state.toGo());
    line(
        text,
        "best",
        "%s",
        state.best().isPresent()
            ? String.format(
                Locale.ROOT, "%s %.4f", settings.objective().quantity(), state.best().getAsDouble())
            : "none yet");
    if (needsNoRescaling != null) {
      line(text, "result", "%s", needsNoRescaling);
    }
    line(
        text,
        "cost",
        "%.2f device-hours so far, %.2f to go",
        state.deviceSeconds() / SECONDS_PER_HOUR,
        finished ? 0.0 : state.deviceSecondsToGo() / SECONDS_PER_HOUR);
    return text.toString();
  }

  private String progress(Instant now) {
    if (times.isEmpty()) {
      return "begun, nothing evaluated yet";
    }
    Instant last = times.get(times.size() - 1);
    if (finished) {
      return "finished at " + last;
    }
    double seconds = secondsApart();
    return String.format(
        Locale.ROOT,
        "last record %d s ago, %.2f evaluations/s lately, about %.0f min to go at that pace",
        Duration.between(last, now).toSeconds(),
        seconds > 0 ? 1 / seconds : 0,
        state.toGo() * seconds / 60);
  }

  /** Returns seconds between two recent evaluations; 0 while that is not known. */
  private double secondsApart() {
    if (evaluations.isEmpty()) {
      return 0;
    }
    int end = evaluations.size();
    int recent = Math.min(RECENT, end);
    Duration lately = Duration.between(evaluations.get(end - recent), evaluations.get(end - 1));
    return lately.toMillis() / 1000.0 / recent;
  }

  private static void line(StringBuilder text, String name, String format, Object... values) {
    text.append(String.format(Locale.ROOT, "%-12s", name))
        .append(String.format(Locale.ROOT, format, values))
        .append('\n');
  }
}
