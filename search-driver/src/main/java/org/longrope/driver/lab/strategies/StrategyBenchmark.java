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
 * Comparison of search strategies: each searches every problem with the same seeds, and its
 * incumbents are measured on held-out documents.
 *
 * <pre>
 *   PROBLEM/STRATEGY/seed-N/     a run as search leaves it
 *   PROBLEM/held-out/            evaluations of what was found
 *   comparison.txt, trajectories.csv, PROBLEM.png
 * </pre>
 *
 * After an interruption the same call resumes: it skips finished runs and resumes the interrupted
 * one.
 */
public final class StrategyBenchmark {
  private final ComparisonPlan plan;
  private final Path output;
  private final Configuration hadoop;
  private final ProblemExecutors scorers;
  private final Surrogate surrogate;
  private final StrategyBenchmarkListener listener;

  /**
   * Prepares a benchmark of a plan.
   *
   * @param output directory, on this host
   * @param surrogate that screens offspring for strategies with a surrogate
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
   * Executes the experiments that are not finished, and writes the report after every search.
   *
   * @throws BadInputException before any search if a problem or a file in the output directory
   *     cannot be used
   */
  public ComparisonReport run() {
    requireUsableOutput();
    List<List<Experiment>> planned = planned();
    List<ProblemRuns> problemRuns = new ArrayList<>();
    try {
      for (List<Experiment> experiments : planned) {
        problemRuns.add(open(experiments));
      }
      return execute(problemRuns, planned.stream().flatMap(List::stream).toList());
    } finally {
      problemRuns.forEach(ProblemRuns::close);
    }
  }

  private ProblemRuns open(List<Experiment> experiments) {
    PreparedProblem prepared = experiments.get(0).prepared();
    return new ProblemRuns(
        prepared,
        experiments,
        output.resolve(prepared.problem().name()),
        hadoop,
        scorers,
        surrogate,
        listener::warning);
  }

  /** Returns all experiments by problem, and reports all unusable problems at once. */
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

  private List<Experiment> experiments(PreparedProblem prepared) {
    Problem problem = prepared.problem();
    Set<String> involved = new LinkedHashSet<>(List.of(plan.reference()));
    involved.addAll(plan.strategies());
    List<Experiment> experiments = new ArrayList<>();
    for (int seed = 1; seed <= plan.seeds(); seed++) {
      for (String strategy : involved) {
        Path folder = output.resolve(problem.name()).resolve(strategy).resolve("seed-" + seed);
        String location = folder.toString();
        Experiment experiment =
            new Experiment(
                prepared,
                strategy,
                seed,
                plan.settings(problem, strategy, seed, location),
                location);
        // Finished runs of the reference are compared with, even if it is not chosen.
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

  private ComparisonReport execute(List<ProblemRuns> problemRuns, List<Experiment> all) {
    List<Experiment> ahead = all.stream().filter(one -> !one.isFinished(hadoop)).toList();
    ProgressEstimate progress = new ProgressEstimate(listener, all.size(), ahead);
    List<RunResult> results = new ArrayList<>();
    for (ProblemRuns problemRun : problemRuns) {
      for (Experiment experiment : inOrder(problemRun)) {
        results.add(problemRun.execute(experiment, toReach(experiment, results), progress));
        report(problemRuns, results).write(output);
      }
    }
    return report(problemRuns, results);
  }

  /** Reports results problem by problem and seed by seed. */
  private ComparisonReport report(List<ProblemRuns> problemRuns, List<RunResult> results) {
    List<String> problems = plan.problems().stream().map(Problem::name).toList();
    Comparator<RunResult> order =
        Comparator.<RunResult>comparingInt(result -> problems.indexOf(result.problem()))
            .thenComparingInt(RunResult::seed);
    return new ComparisonReport(plan, problemRuns, results.stream().sorted(order).toList());
  }

  /** Returns the final perplexity of the reference to compare with; null for the reference. */
  private @Nullable Double toReach(Experiment experiment, List<RunResult> results) {
    if (experiment.strategy().equals(plan.reference())) {
      return null;
    }
    return ReferenceRuns.of(results, experiment.prepared().problem().name(), plan.reference())
        .of(experiment.seed())
        .map(RunResult::finalPerplexity)
        .orElse(null);
  }

  /** Orders experiments by seed, after finished ones of the reference, which others need. */
  private List<Experiment> inOrder(ProblemRuns problemRun) {
    Predicate<Experiment> known =
        one -> one.strategy().equals(plan.reference()) && one.isFinished(hadoop);
    return problemRun.experiments().values().stream()
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
                    "%s holds %s, which no strategy benchmark wrote: expected a new directory, or"
                        + " that of the same command; choose another --output.",
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
