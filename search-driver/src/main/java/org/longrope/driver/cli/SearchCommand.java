package org.longrope.driver.cli;

import java.nio.file.Path;
import java.util.LinkedHashMap;
import java.util.Map;
import java.util.concurrent.Callable;
import org.apache.hadoop.conf.Configuration;
import org.apache.spark.api.java.JavaSparkContext;
import org.jspecify.annotations.Nullable;
import org.longrope.driver.execution.spark.SparkSettings;
import org.longrope.driver.recipe.ArtifactCatalog;
import org.longrope.driver.recipe.CostEstimate;
import org.longrope.driver.recipe.RecipeCommand;
import org.longrope.driver.recipe.StepCommand;
import org.longrope.driver.run.SearchRun;
import org.longrope.driver.run.replay.RunDirectory;
import org.longrope.driver.run.settings.SearchSettings;
import org.longrope.driver.run.settings.SettingsReader;
import org.longrope.driver.store.files.FileLocation;
import picocli.CommandLine;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Model.OptionSpec;
import picocli.CommandLine.Option;
import picocli.CommandLine.Spec;

@Section("Search")
@Command(
    name = "search",
    description = "Searches rescale factors on Spark. Defaults: conf/reference.conf.",
    footer = {
      "bin/longrope search --model search-driver/demonstration --data runs/quickstart/data \\",
      "    --target-length 2048 --budget 200 --output runs/2k"
    })
final class SearchCommand implements Callable<Integer>, RecipeCommand {
  /** Options of the command line that are no settings of the search. */
  private static final java.util.Set<String> OTHERS =
      java.util.Set.of("--config", "--or-resume", "--master", "--conf", "--verbose", "--help");

  @Option(names = "--model", paramLabel = "DIR", description = "Hugging Face checkpoint.")
  @Nullable String model;

  @Option(names = "--data", paramLabel = "DIR", description = "Evaluation partition.")
  @Nullable String data;

  @Option(names = "--target-length", paramLabel = "N", description = "Tokens to extend to.")
  @Nullable String targetLength;

  @Option(names = "--output", paramLabel = "RUN", description = "Run directory.")
  @Nullable String output;

  @Option(names = "--documents", paramLabel = "N", description = "Per candidate; default 5.")
  @Nullable String documents;

  @Option(names = "--held-out-documents", paramLabel = "N", description = "Default 5.")
  @Nullable String heldOutDocuments;

  @Option(
      names = "--objective",
      paramLabel = "O",
      description =
          "What is minimised: perplexity, needle, long-tokens or long-and-short; default"
              + " perplexity.")
  @Nullable String objective;

  @Option(
      names = "--max-factor",
      paramLabel = "F",
      description = "Greatest factor; with it shorter targets may be searched on extended models.")
  @Nullable String maxFactor;

  @Option(
      names = "--start-from",
      paramLabel = "FILE[,...]",
      description = "Factors to begin with beside PI, NTK and YaRN: of other runs, or published.")
  @Nullable String startFrom;

  @Option(
      names = "--strategy",
      paramLabel = "S",
      description = "fast or paper; default fast, or paper where one of its settings is given.")
  @Nullable String strategy;

  @Option(
      names = "--generation",
      paramLabel = "N",
      description = "Candidates of a generation of the fast strategy; default 16.")
  @Nullable String generation;

  @Option(
      names = "--budget",
      paramLabel = "N",
      description = "Documents that the fast strategy scores in all; default 1000.")
  @Nullable String budget;

  @Option(
      names = "--without",
      paramLabel = "IDEA[,...]",
      description = "What the fast strategy does not do.")
  @Nullable String without;

  @Option(
      names = "--surrogate",
      paramLabel = "S",
      description =
          "none, or mllib: a regression on what was scored chooses what the fast strategy scores.")
  @Nullable String surrogate;

  @Option(names = "--population", paramLabel = "N", description = "Default 64.")
  @Nullable String population;

  @Option(names = "--parents", paramLabel = "N", description = "Default 32.")
  @Nullable String parents;

  @Option(names = "--mutations", paramLabel = "N", description = "Default 16.")
  @Nullable String mutations;

  @Option(names = "--crossovers", paramLabel = "N", description = "Default 16.")
  @Nullable String crossovers;

  @Option(names = "--iterations", paramLabel = "N", description = "Default 40.")
  @Nullable String iterations;

  @Option(names = "--mutation-probability", paramLabel = "P", description = "Default 0.3.")
  @Nullable String mutationProbability;

  @Option(
      names = "--mode",
      paramLabel = "M",
      description = "generational or asynchronous; default generational.")
  @Nullable String mode;

  @Option(names = "--deadline", paramLabel = "T", description = "Of one evaluation, such as 30m.")
  @Nullable String deadline;

  @Option(
      names = "--patience",
      paramLabel = "T",
      description = "Without executors or success; default 10m.")
  @Nullable String patience;

  @Option(
      names = "--ledger",
      paramLabel = "DIR",
      description = "Evaluations shared with other runs: none is done twice.")
  @Nullable String ledger;

  @Option(
      names = "--attention-factor",
      paramLabel = "A",
      description = "none, su, yarn or a number; default su.")
  @Nullable String attentionFactor;

  @Option(
      names = "--attention-window",
      paramLabel = "W",
      description = "config, none or a number of tokens; default config.")
  @Nullable String attentionWindow;

  @Option(names = "--seed", paramLabel = "N", description = "Default 42.")
  @Nullable String seed;

  @Option(names = "--threads", paramLabel = "N", description = "Of one evaluation; default 1.")
  @Nullable String threads;

  @Option(names = "--config", paramLabel = "FILE", description = "Settings; see the reference.")
  @Nullable FileLocation config;

  @Option(
      names = "--or-resume",
      description =
          "Go on with the run if the same command began it: for drivers that a cluster"
              + " starts again.")
  boolean orResume;

  @Mixin SparkOptions spark = new SparkOptions();
  @Mixin CommonOptions common = new CommonOptions();

  @Spec CommandLine.Model.@Nullable CommandSpec spec;

  @Override
  public Integer call() {
    SettingsReader.Effective effective = settings();
    try (JavaSparkContext context = effective.spark().start("longrope search")) {
      Configuration hadoop = context.hadoopConfiguration();
      SearchRun run =
          orResume
              ? SearchRun.beginOrResume(
                  effective.search(), effective.ledger(), effective.output(), hadoop)
              : SearchRun.begin(
                  effective.search(),
                  effective.ledger(),
                  RunDirectory.create(effective.output(), hadoop),
                  hadoop);
      SearchExecution.execute(run, RunDirectory.open(effective.output(), hadoop), context);
    }
    return 0;
  }

  @Override
  public CostEstimate foresee(ArtifactCatalog known) {
    SettingsReader.Effective effective = settings();
    SearchSettings settings = effective.search();
    ArtifactCatalog.Model searched = known.model(settings.model());
    settings.requireTarget(
        searched.config().rope().originalWindow(), searched.reach(), searched.extended());
    int heldOut =
        known
            .partition(settings.data())
            .map(partition -> settings.requireDocuments(partition).size() - settings.documents())
            .orElse(settings.heldOutDocuments());
    known.promise(
        StepCommand.SEARCH.result(Path.of(effective.output())).toString(),
        new ArtifactCatalog.Factors(searched.config().rope().pairs(), settings.targetLength()));
    return CostEstimate.of(
        settings.model(),
        settings.passes(
            Math.min(heldOut, settings.heldOutDocuments()),
            searched.config().rope().originalWindow()));
  }

  private SettingsReader.Effective settings() {
    SparkSettings settings = spark.settings();
    return SettingsReader.read(
        config == null ? null : config.on(settings.hadoop()), given(), settings);
  }

  /** The settings that were given, by their keys in the reference file. */
  private Map<String, String> given() {
    Map<String, String> given = new LinkedHashMap<>();
    if (spec != null) {
      for (OptionSpec option : spec.options()) {
        Object value = option.getValue();
        if (value != null && !OTHERS.contains(option.longestName())) {
          given.put(option.longestName().substring(2), value.toString());
        }
      }
    }
    return given;
  }
}
