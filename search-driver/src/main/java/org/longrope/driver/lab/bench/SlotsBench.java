package org.longrope.driver.lab.bench;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.List;
import java.util.Map;
import java.util.function.LongSupplier;
import java.util.stream.IntStream;
import org.apache.hadoop.conf.Configuration;
import org.apache.hadoop.fs.FileUtil;
import org.longrope.driver.execution.EvaluationTask;
import org.longrope.driver.run.SearchLoop;
import org.longrope.driver.run.replay.CandidateTasks;
import org.longrope.driver.run.replay.FitnessEstimator;
import org.longrope.driver.run.replay.RunDirectory;
import org.longrope.driver.run.replay.RunLog;
import org.longrope.driver.store.ResultStore;
import org.longrope.eval.BadInputException;
import org.longrope.eval.perplexity.Protocol;
import org.longrope.eval.rope.Rescaling;
import org.longrope.eval.rope.RopeGeometry;
import org.longrope.search.Candidate;
import org.longrope.search.Proposal;
import org.longrope.search.SearchMode;
import org.longrope.search.SearchSpace;
import org.longrope.search.SearchStrategy;
import org.longrope.search.StrategyConfig;
import org.longrope.search.Surrogate;
import org.longrope.search.settings.Setting;
import org.longrope.search.settings.SettingValues;
import org.longrope.search.settings.StrategyDefinition;

/**
 * Utilisation of uneven executors by a search, with the real strategy, journal and scheduling, on
 * {@link SimulatedTaskExecutor}.
 */
public final class SlotsBench {
  private static final SearchSpace SPACE =
      SearchSpace.extending(new RopeGeometry(128, 10_000, 4096), 32_768);

  private final List<String> documents;
  private final long seed;
  private final LongSupplier nanoTime;

  /**
   * Prepares searches in simulated time.
   *
   * @param documents of each search, 1 or more
   * @param seed of the searches and of the executors' speeds
   * @param nanoTime clock of the driver's time, in which executors continue their work
   */
  public SlotsBench(int documents, long seed, LongSupplier nanoTime) {
    this.documents = IntStream.range(0, documents).mapToObj(i -> "document-" + i).toList();
    this.seed = seed;
    this.nanoTime = nanoTime;
  }

  /**
   * Result of one search.
   *
   * @param utilisation share of all slots' time in which they evaluated
   * @param evaluations one for each candidate and document
   * @param logPerplexity ln perplexity of the result on the simulated documents; 2 is its bound
   * @param driverMsPerEvaluation driver's time for each answer, journal included
   * @param hours simulated
   */
  public record Row(
      SearchMode mode,
      int slots,
      double utilisation,
      long evaluations,
      double logPerplexity,
      double driverMsPerEvaluation,
      double hours) {}

  /**
   * Returns the configuration of a strategy.
   *
   * @param settings over the defaults, by key
   * @throws BadInputException if the strategy has no such setting or value
   */
  public StrategyConfig config(StrategyDefinition<?> strategy, Map<String, String> settings) {
    SettingValues values = SettingValues.NONE.withDefaults(strategy.settings());
    for (Map.Entry<String, String> given : settings.entrySet()) {
      Setting<?> setting =
          strategy.settings().stream()
              .filter(one -> one.key().equals(given.getKey()))
              .findFirst()
              .orElseThrow(
                  () ->
                      BadInputException.of(
                          "--set names %s: expected one of %s, the settings of strategy %s.",
                          given.getKey(),
                          strategy.settings().stream().map(Setting::key).toList(),
                          strategy));
      try {
        values = with(values, setting, given.getValue());
      } catch (IllegalArgumentException e) {
        throw BadInputException.of(
            "--set %s is %s: expected %s.", setting, given.getValue(), setting.expected());
      }
    }
    return strategy.read().apply(values, seed);
  }

  private static <T> SettingValues with(SettingValues values, Setting<T> setting, Object raw) {
    return values.with(setting, setting.type().read().apply(raw));
  }

  /**
   * Runs a search in simulated time.
   *
   * @throws BadInputException if the configuration cannot be used in this mode
   */
  public Row run(StrategyConfig config, SearchMode mode, int slots) throws IOException {
    List<String> problems = config.problems(mode, documents.size());
    if (!problems.isEmpty()) {
      throw new BadInputException(String.join("\n", problems));
    }
    Path directory = Files.createTempDirectory("longrope-slots");
    SimulatedTaskExecutor scorer = new SimulatedTaskExecutor(slots, seed, nanoTime);
    SearchStrategy strategy =
        config.strategy(mode, SPACE, SPACE.seeds(), documents.size(), Surrogate.NONE);
    RunDirectory run = RunDirectory.create(directory.toString(), new Configuration());
    try (RunLog log = RunLog.claim(run, SlotsBench::rescaling)) {
      new SearchLoop(
              strategy,
              mode,
              this::tasks,
              FitnessEstimator.exact(log.evaluations()),
              log,
              new ResultStore(scorer, log, Duration.ZERO, warning -> {}, result -> {}),
              told -> {})
          .run();
      return new Row(
          mode,
          slots,
          scorer.utilisation(),
          scorer.evaluations(),
          Math.log(strategy.best().orElseThrow().perplexity()),
          scorer.driverMsPerEvaluation(),
          scorer.hours());
    } finally {
      FileUtil.fullyDelete(directory.toFile());
    }
  }

  private CandidateTasks tasks(Proposal proposal) {
    Rescaling rescaling = rescaling(proposal.candidate());
    Protocol protocol = new Protocol.Truncated(SPACE.targetLength());
    return new CandidateTasks(
        proposal.of(documents).stream()
            .map(id -> new EvaluationTask(rescaling, id, protocol, proposal.gradient()))
            .toList(),
        null);
  }

  private static Rescaling rescaling(Candidate candidate) {
    return new Rescaling(
        candidate.factors(), candidate.startTokens(), candidate.attention() / Candidate.AS_GIVEN);
  }
}
