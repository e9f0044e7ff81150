package org.longrope.driver.lab.bench;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.List;
import java.util.stream.IntStream;
import org.apache.hadoop.conf.Configuration;
import org.apache.hadoop.fs.FileUtil;
import org.longrope.driver.execution.EvaluationTask;
import org.longrope.driver.run.SearchLoop;
import org.longrope.driver.run.replay.FitnessEstimator;
import org.longrope.driver.run.replay.RunDirectory;
import org.longrope.driver.run.replay.RunLog;
import org.longrope.driver.store.ResultStore;
import org.longrope.eval.perplexity.Protocol;
import org.longrope.eval.rope.Rescaling;
import org.longrope.eval.rope.RopeGeometry;
import org.longrope.search.Candidate;
import org.longrope.search.Proposal;
import org.longrope.search.SearchMode;
import org.longrope.search.SearchSpace;
import org.longrope.search.Surrogate;
import org.longrope.search.genetic.GeneticConfig;

/**
 * Utilisation of uneven executors by a search: the paper's budget with the real strategy, journal
 * and scheduling, on {@link SimulatedTaskExecutor}.
 */
public final class SlotsBench {
  private static final SearchSpace SPACE =
      SearchSpace.extending(new RopeGeometry(128, 10_000, 4096), 32_768);
  private static final List<String> DOCUMENTS =
      IntStream.range(0, 5).mapToObj(i -> "document-" + i).toList();

  private SlotsBench() {}

  /**
   * Result of one search.
   *
   * @param utilisation share of all slots' time in which they evaluated
   * @param driverMsPerEvaluation real time of the driver for each answer, journal included
   * @param hours simulated
   */
  public record Row(
      SearchMode mode, int slots, double utilisation, double driverMsPerEvaluation, double hours) {}

  /** Runs a search in simulated time. */
  public static Row run(SearchMode mode, int slots, long seed) throws IOException {
    Path directory = Files.createTempDirectory("longrope-slots");
    SimulatedTaskExecutor scorer = new SimulatedTaskExecutor(slots, seed);
    GeneticConfig parameters = GeneticConfig.defaults();
    RunDirectory run = RunDirectory.create(directory.toString(), new Configuration());
    try (RunLog log = RunLog.claim(run, SlotsBench::rescaling)) {
      new SearchLoop(
              parameters.strategy(mode, SPACE, SPACE.seeds(), DOCUMENTS.size(), Surrogate.NONE),
              mode,
              SlotsBench::tasks,
              FitnessEstimator.exact(log.evaluations()),
              log,
              new ResultStore(scorer, log, Duration.ZERO, warning -> {}, result -> {}),
              strategy -> {})
          .run();
      return new Row(
          mode, slots, scorer.utilisation(), scorer.driverMsPerEvaluation(), scorer.hours());
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
    return new Rescaling(candidate.factors(), candidate.startTokens(), 1);
  }
}
