package org.longrope.driver.cli;

import java.nio.file.Files;
import java.nio.file.Path;
import java.util.LinkedHashMap;
import java.util.Map;
import java.util.concurrent.Callable;
import org.apache.hadoop.conf.Configuration;
import org.longrope.driver.recipe.ArtifactCatalog;
import org.longrope.driver.recipe.CostEstimate;
import org.longrope.driver.recipe.Recipe;
import org.longrope.driver.recipe.RecipeReader;
import org.longrope.driver.recipe.RecipeRun;
import org.longrope.driver.recipe.Step;
import org.longrope.driver.store.files.FileLocation;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Option;

@Section("Fine-tune")
@Command(
    name = "extend",
    description = {
      "Runs a recipe: search, fine-tune, measure and export.",
      "The same command resumes after a stop."
    },
    footer = {
      "bin/longrope extend --recipe conf/recipes/demonstration.conf \\",
      "    --output runs/demonstration --dry-run"
    })
final class ExtendCommand implements Callable<Integer> {
  @Option(
      names = "--recipe",
      required = true,
      paramLabel = "FILE",
      description = "Recipe with the steps; conf/recipes has several.")
  FileLocation recipe = FileLocation.parse("");

  @Option(
      names = "--output",
      required = true,
      paramLabel = "DIR",
      description = "Directory of summary.json and of a folder for each step.")
  Path output = Path.of("");

  @Option(
      names = "--set",
      paramLabel = "NAME=VALUE",
      description = "Value for a name that the recipe's section let defines. Repeatable.")
  Map<String, String> set = new LinkedHashMap<>();

  @Option(
      names = "--hand-off",
      paramLabel = "STEP=PATH",
      description = "Result that was made elsewhere, in place of running a step. Repeatable.")
  Map<String, String> handOffs = new LinkedHashMap<>();

  @Option(
      names = "--dry-run",
      description = "Show the steps and an estimate of their cost; run nothing.")
  boolean dryRun;

  @Mixin SparkOptions spark = new SparkOptions();
  @Mixin CommonOptions common = new CommonOptions();

  @Override
  public Integer call() throws Exception {
    Configuration hadoop = spark.hadoop();
    Recipe read = RecipeReader.read(recipe.on(hadoop), set, handOffs);
    RecipeRun run = new RecipeRun(read, output, hadoop);
    RecipeSteps steps = new RecipeSteps(spark);
    ArtifactCatalog known = new ArtifactCatalog(hadoop);
    Map<Step, CostEstimate> work = estimate(read, run, steps, known);
    RecipeForecast forecast = new RecipeForecast(work, known);
    if (spark.settings().isLocal()) {
      forecast.requireMemory(run.finished());
    }
    if (dryRun) {
      System.out.print(forecast.text(run));
      return 0;
    }
    String measured = run.execute(steps, new RecipeProgress());
    System.out.println();
    System.out.print(measured);
    System.out.printf("%nExtended: %s/summary.json%n", output);
    return 0;
  }

  private static Map<Step, CostEstimate> estimate(
      Recipe recipe, RecipeRun run, RecipeSteps steps, ArtifactCatalog known) {
    Map<Step, CostEstimate> work = new LinkedHashMap<>();
    for (Step step : recipe.steps()) {
      boolean there = step.handOff() != null && Files.exists(step.handOff());
      work.put(step, there ? CostEstimate.NONE : steps.estimate(step, run.arguments(step), known));
      known.alias(run.promised(step), run.result(step.name()).toString());
    }
    return work;
  }
}
