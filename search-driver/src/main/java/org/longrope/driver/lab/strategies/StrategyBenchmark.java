package org.longrope.driver.lab.strategies;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Set;
import java.util.function.Predicate;
import java.util.stream.Stream;
import org.apache.hadoop.conf.Configuration;
import org.jspecify.annotations.Nullable;
import org.longrope.driver.run.SearchRun;
import org.longrope.eval.BadInputException;
import org.longrope.search.Surrogate;

/**
 * Compares strategies of search: each searches every problem with the same seeds, and what it had
 * found after how much reading is measured on documents that none searched on.
 *
 * <pre>
 *   PROBLEM/STRATEGY/seed-N/     a run as search leaves it
 *   PROBLEM/held-out/            evaluations of what was found
 *   comparison.txt, trajectories.csv, PROBLEM.png
 * </pre>
 *
 * Whatever ends it, the same once more goes on: finished runs are not repeated, the broken one is
 * resumed.
 */
public final class StrategyBenchmark {
  private final ComparisonPlan plan;
  private final Path output;
  private final Configuration hadoop;
  private final ProblemExecutors scorers;
  private final Surrogate surrogate;
  private final StrategyBenchmarkListener listener;

  /**
   * @param output directory, on this host
   * @param surrogate that screens offspring, where a strategy has one do it
   */
  public StrategyBenchmark(
      ComparisonPlan plan,
      Path output,
      Configuration hadoop,
      ProblemExecutors scorers,
      Surrogate surrogate,
      StrategyBenchmarkListener listener) {
    this.plan = plan;
    this.output = output.toAbsolutePath().normalize();
    this.hadoop = hadoop;
    this.scorers = scorers;
    this.surrogate = surrogate;
    this.listener = listener;
  }

  /**
   * Does what is not done, and writes what is known after every search.
   *
   * @throws BadInputException if a problem or what is in the output directory cannot be used;
   *     nothing was searched then
   */
  public ComparisonReport run() {
    requireUsableOutput();
    List<List<Experiment>> planned = planned();
    List<ProblemRuns> contests = new ArrayList<>();
    try {
      for (List<Experiment> experiments : planned) {
        contests.add(contest(experiments));
      }
      return conduct(contests, planned.stream().flatMap(List::stream).toList());
    } finally {
      contests.forEach(ProblemRuns::close);
    }
  }

  private ProblemRuns contest(List<Experiment> experiments) {
    PreparedProblem ground = experiments.get(0).ground();
    return new ProblemRuns(
        ground,
        experiments,
        output.resolve(ground.problem().name()),
        hadoop,
        scorers,
        surrogate,
        listener::warning);
  }

  /** What is to be done, and what is done, by problem; all that is wrong is said at once. */
  private List<List<Experiment>> planned() {
    List<String> problems = new ArrayList<>();
    List<List<Experiment>> planned = new ArrayList<>();
    for (Problem problem : plan.problems()) {
      try {
        planned.add(experiments(PreparedProblem.open(problem, hadoop)));
      } catch (BadInputException e) {
        problems.add("problem " + problem.name() + ": " + e.getMessage());
      }
    }
    if (!problems.isEmpty()) {
      throw new BadInputException(String.join("\n", problems));
    }
    return planned;
  }

  private List<Experiment> experiments(PreparedProblem ground) {
    Problem problem = ground.problem();
    Set<String> involved = new LinkedHashSet<>(List.of(plan.reference()));
    involved.addAll(plan.strategies());
    List<Experiment> experiments = new ArrayList<>();
    for (int seed = 1; seed <= plan.seeds(); seed++) {
      for (String strategy : involved) {
        Path folder = output.resolve(problem.name()).resolve(strategy).resolve("seed-" + seed);
        String location = folder.toString();
        Experiment experiment =
            new Experiment(
                ground, strategy, seed, plan.settings(problem, strategy, seed, location), location);
        // The reference is looked at though it was not chosen, if it was before.
        if (plan.strategies().contains(strategy) || experiment.isFinished(hadoop)) {
          if (seed == 1) {
            SearchRun.requireUsable(experiment.settings(), hadoop);
          }
          experiment.requireSame(hadoop);
          experiments.add(experiment);
        }
      }
    }
    return experiments;
  }

  private ComparisonReport conduct(List<ProblemRuns> contests, List<Experiment> all) {
    List<Experiment> ahead = all.stream().filter(one -> !one.isFinished(hadoop)).toList();
    ProgressEstimate workload = new ProgressEstimate(listener, all.size(), ahead);
    List<RunResult> trials = new ArrayList<>();
    for (ProblemRuns contest : contests) {
      for (Experiment experiment : inOrder(contest)) {
        trials.add(contest.conduct(experiment, toReach(experiment, trials), workload));
        findings(contests, trials).write(output);
      }
    }
    return findings(contests, trials);
  }

  /** Problem by problem and seed by seed, in whichever order they came to be known. */
  private ComparisonReport findings(List<ProblemRuns> contests, List<RunResult> trials) {
    List<String> problems = plan.problems().stream().map(Problem::name).toList();
    Comparator<RunResult> order =
        Comparator.<RunResult>comparingInt(trial -> problems.indexOf(trial.problem()))
            .thenComparingInt(RunResult::seed);
    return new ComparisonReport(plan, contests, trials.stream().sorted(order).toList());
  }

  /** The reference's end that a search is measured by; null for the reference's own. */
  private @Nullable Double toReach(Experiment experiment, List<RunResult> trials) {
    if (experiment.strategy().equals(plan.reference())) {
      return null;
    }
    return ReferenceRuns.of(trials, experiment.ground().problem().name(), plan.reference())
        .of(experiment.seed())
        .map(RunResult::finalPerplexity)
        .orElse(null);
  }

  /** Seed by seed; what the reference has finished comes first, for all may be measured by it. */
  private List<Experiment> inOrder(ProblemRuns contest) {
    Predicate<Experiment> known =
        one -> one.strategy().equals(plan.reference()) && one.isFinished(hadoop);
    return contest.experiments().values().stream()
        .flatMap(List::stream)
        .sorted(Comparator.comparing(known::test, Comparator.reverseOrder()))
        .toList();
  }

  private void requireUsableOutput() {
    if (!Files.exists(output)) {
      return;
    }
    try (Stream<Path> files = Files.list(output)) {
      files
          .filter(file -> !Files.isDirectory(file))
          .map(file -> String.valueOf(file.getFileName()))
          .filter(name -> !isOwn(name))
          .findFirst()
          .ifPresent(
              name -> {
                throw BadInputException.of(
                    "%s holds %s, which is no laboratory's: expected a new directory, or that of the"
                        + " same command; choose another --output.",
                    output, name);
              });
    } catch (IOException e) {
      throw new BadInputException(
          String.format(
              "Cannot look into %s (%s): expected a directory; choose another --output.",
              output, e),
          e);
    }
  }

  private static boolean isOwn(String name) {
    return name.equals(ComparisonReport.TABLE)
        || name.equals(ComparisonReport.TRAJECTORIES)
        || name.endsWith(ComparisonReport.PLOT)
        || name.endsWith(".json") // Of --json.
        || name.endsWith(".part");
  }
}
