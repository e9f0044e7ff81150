package org.longrope.driver.lab.bench;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.List;
import java.util.function.LongSupplier;
import java.util.stream.IntStream;
import org.apache.hadoop.conf.Configuration;
import org.apache.hadoop.fs.FileUtil;
import org.jspecify.annotations.Nullable;
import org.longrope.driver.execution.EvaluationTask;
import org.longrope.driver.run.SearchLoop;
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
  private static final List<String> DOCUMENTS =
      IntStream.range(0, 5).mapToObj(i -> "document-" + i).toList();
  private static final String BUDGET = "budget";

  private SlotsBench() {}

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
   * Returns the defaults of a strategy.
   *
   * @param budget evaluations, for strategies that have the setting; null: the default
   * @throws BadInputException if the strategy has no budget, or needs gradients
   */
  public static StrategyConfig config(
      StrategyDefinition<?> strategy, @Nullable Integer budget, long seed) {
    SettingValues values = SettingValues.NONE.withDefaults(strategy.settings());
    if (budget != null) {
      Setting<?> setting =
          strategy.settings().stream()
              .filter(one -> one.key().equals(BUDGET))
              .findFirst()
              .orElseThrow(
                  () ->
                      BadInputException.of(
                          "--budget is given: expected none with strategy %s, which has no such"
                              + " setting.",
                          strategy));
      values = with(values, setting, budget);
    }
    StrategyConfig config = strategy.read().apply(values, seed);
    if (config.gradients(DOCUMENTS.size()) > 0) {
      throw BadInputException.of(
          "--strategy is %s: expected one without gradients, which simulated executors do not"
              + " compute.",
          strategy);
    }
    return config;
  }

  private static <T> SettingValues with(SettingValues values, Setting<T> setting, Object raw) {
    return values.with(setting, setting.type().read().apply(raw));
  }

  /**
   * Runs a search in simulated time.
   *
   * @param seed of the executors' speeds
   * @param nanoTime clock of the driver's time, in which executors continue their work
   * @throws BadInputException if the configuration cannot be used in this mode
   */
  public static Row run(
      StrategyConfig config, SearchMode mode, int slots, long seed, LongSupplier nanoTime)
      throws IOException {
    List<String> problems = config.problems(mode, DOCUMENTS.size());
    if (!problems.isEmpty()) {
      throw new BadInputException(String.join("\n", problems));
    }
    Path directory = Files.createTempDirectory("longrope-slots");
    SimulatedTaskExecutor scorer = new SimulatedTaskExecutor(slots, seed, nanoTime);
    SearchStrategy strategy =
        config.strategy(mode, SPACE, SPACE.seeds(), DOCUMENTS.size(), Surrogate.NONE);
    RunDirectory run = RunDirectory.create(directory.toString(), new Configuration());
    try (RunLog log = RunLog.claim(run, SlotsBench::rescaling)) {
      new SearchLoop(
              strategy,
              mode,
              SlotsBench::tasks,
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

  private static List<EvaluationTask> tasks(Proposal proposal) {
    Rescaling rescaling = rescaling(proposal.candidate());
    Protocol protocol = new Protocol.Truncated(SPACE.targetLength());
    return proposal.of(DOCUMENTS).stream()
        .map(id -> new EvaluationTask(rescaling, id, protocol))
        .toList();
  }

  private static Rescaling rescaling(Candidate candidate) {
    return new Rescaling(
        candidate.factors(), candidate.startTokens(), candidate.attention() / Candidate.AS_GIVEN);
  }
}
