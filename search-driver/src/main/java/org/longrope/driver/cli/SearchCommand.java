package org.longrope.driver.cli;

import java.nio.file.Path;
import java.util.Objects;
import java.util.concurrent.Callable;
import org.apache.hadoop.conf.Configuration;
import org.apache.spark.api.java.JavaSparkContext;
import org.jspecify.annotations.Nullable;
import org.longrope.driver.execution.spark.SparkSettings;
import org.longrope.driver.execution.worker.ModelSpec;
import org.longrope.driver.recipe.ArtifactCatalog;
import org.longrope.driver.recipe.CostEstimate;
import org.longrope.driver.recipe.RecipeCommand;
import org.longrope.driver.recipe.StepCommand;
import org.longrope.driver.run.SearchRun;
import org.longrope.driver.run.replay.RunDirectory;
import org.longrope.driver.run.settings.SearchSettings;
import org.longrope.driver.run.settings.SettingsReader;
import org.longrope.driver.store.files.FileLocation;
import org.longrope.driver.store.files.HadoopSettings;
import picocli.CommandLine;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Option;
import picocli.CommandLine.Spec;

@Section("Search")
@Command(
    name = "search",
    description = "Searches rescale factors on Spark.",
    footer = {
      "bin/longrope search --model search-driver/demonstration --data runs/quickstart/data \\",
      "    --target-length 2048 --budget 200 --output runs/2k"
    },
    modelTransformer = SettingOptions.OfSearch.class)
final class SearchCommand implements Callable<Integer>, RecipeCommand {
  @Section(Section.EXECUTION)
  @Option(
      names = "--config",
      paramLabel = "FILE",
      description = "File of settings, as conf/reference.conf. Options override it.")
  @Nullable FileLocation config;

  @Section(Section.EXECUTION)
  @Option(
      names = "--or-resume",
      description =
          "Resume the run if the same command began it, for drivers that a cluster restarts.")
  boolean orResume;

  @Section(Section.EXECUTION)
  @Option(
      names = "--dry-run",
      description = "Check all inputs and show what the search will cost, without starting it.")
  boolean dryRun;

  @Mixin SparkOptions spark = new SparkOptions();
  @Mixin CommonOptions common = new CommonOptions();

  @Spec CommandLine.Model.@Nullable CommandSpec spec;

  @Override
  public Integer call() {
    SettingsReader.Effective effective = settings();
    if (dryRun) {
      forecast(effective);
      return 0;
    }
    try (JavaSparkContext context = effective.spark().start("longrope search")) {
      Configuration hadoop = context.hadoopConfiguration();
      SearchRun run =
          orResume
              ? SearchRun.beginOrResume(
                  effective.search(), effective.evaluationCache(), effective.output(), hadoop)
              : SearchRun.begin(
                  effective.search(),
                  effective.evaluationCache(),
                  RunDirectory.create(effective.output(), hadoop),
                  hadoop);
      SearchExecution.execute(run, RunDirectory.open(effective.output(), hadoop), context);
    }
    return 0;
  }

  private void forecast(SettingsReader.Effective effective) {
    Configuration hadoop = effective.spark().hadoop();
    boolean begun = orResume && RunDirectory.holdsRun(effective.output(), hadoop);
    SearchRun run =
        begun
            ? SearchRun.beginOrResume(
                effective.search(), effective.evaluationCache(), effective.output(), hadoop)
            : SearchRun.prepare(
                effective.search(),
                effective.evaluationCache(),
                RunDirectory.create(effective.output(), hadoop),
                hadoop);
    run.warnings().forEach(Progress::warn);
    System.out.println("original window: " + run.originalWindow());
    ModelSpec model = run.workerSpec(HadoopSettings.of(hadoop)).model();
    SearchForecast forecast = new SearchForecast(run, model, System.out::println);
    if (effective.spark().isLocal()) {
      DeviceLines.print(model.threads());
      forecast.onThisMachine(SearchForecast.slots(effective.spark().effectiveMaster()));
    } else {
      forecast.onExecutors(
          effective.spark().settings().containsKey(SearchExecution.GPU_AMOUNT), hadoop);
    }
    System.out.println("dry run: all inputs can be used; nothing was started or written");
  }

  @Override
  public CostEstimate estimate(ArtifactCatalog known) {
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
        config == null ? null : config.on(settings.hadoop()),
        SettingOptions.given(Objects.requireNonNull(spec)),
        settings);
  }
}
