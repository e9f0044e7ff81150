package org.longrope.driver.cli;

import java.util.ArrayList;
import java.util.List;
import java.util.Objects;
import java.util.concurrent.Callable;
import java.util.function.Supplier;
import org.longrope.driver.recipe.ArtifactCatalog;
import org.longrope.driver.recipe.CostEstimate;
import org.longrope.driver.recipe.RecipeCommand;
import org.longrope.driver.recipe.RecipeRun;
import org.longrope.driver.recipe.Step;
import org.longrope.eval.BadInputException;
import picocli.CommandLine;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.ParameterException;

/** Runner of the steps of a recipe as commands of this program, in this process. */
final class RecipeSteps implements RecipeRun.Runner {
  private final SparkOptions spark;
  private final Supplier<CommandLine> program;

  /**
   * Executes steps with the Spark options of their recipe.
   *
   * @param spark where steps run that have no own --master
   */
  RecipeSteps(SparkOptions spark) {
    this(spark, Main::commandLine);
  }

  /**
   * Executes steps by a command line.
   *
   * @param program supplies the parser of the commands
   */
  RecipeSteps(SparkOptions spark, Supplier<CommandLine> program) {
    this.spark = spark;
    this.program = program;
  }

  /**
   * Estimates the cost of a step.
   *
   * @throws BadInputException if the step could not do its work
   */
  CostEstimate estimate(Step step, List<String> arguments, ArtifactCatalog known) {
    if (!(command(step, arguments).userObject() instanceof RecipeCommand command)) {
      throw new IllegalStateException(step.command() + " cannot be a step of a recipe");
    }
    try {
      return command.estimate(known);
    } catch (BadInputException e) {
      throw new BadInputException("Step " + step.name() + ": " + e.getMessage(), e);
    }
  }

  @Override
  public void run(Step step, List<String> arguments) throws Exception {
    if (!(command(step, arguments).userObject() instanceof Callable<?> command)) {
      throw new IllegalStateException(step.command() + " cannot be run");
    }
    Object exitCode = command.call();
    if (exitCode instanceof Integer code && code != 0) {
      throw new IllegalStateException(
          String.format(
              "Step %s failed: 'longrope %s' ended with exit code %d; its own message says why",
              step.name(), step.command(), code));
    }
  }

  /**
   * Parses the command of a step.
   *
   * @throws BadInputException if an option is unknown or has a wrong value
   */
  CommandSpec command(Step step, List<String> arguments) {
    List<String> words = new ArrayList<>();
    words.add(step.command().toString());
    words.addAll(arguments);
    CommandLine line = program.get();
    CommandSpec spec =
        Objects.requireNonNull(line.getSubcommands().get(step.command().toString()))
            .getCommandSpec();
    boolean spread = spec.findOption("--master") != null && !readsFiles(step);
    if (spread && !step.options().containsKey("master")) {
      // Always given: without it some commands use all cores of this machine, and the number of
      // threads changes the last bits of the results.
      words.add("--master=" + spark.settings().effectiveMaster());
    }
    if (spec.findOption("--conf") != null) {
      spark.conf.forEach((key, value) -> words.add("--conf=" + key + "=" + value));
    }
    try {
      line.parseArgs(words.toArray(String[]::new));
    } catch (ParameterException e) {
      throw new BadInputException(
          String.format(
              "Step %s: %s; expected options of 'longrope %s --help'.",
              step.name(), e.getMessage(), step.command()),
          e);
    }
    return spec;
  }

  /** Returns whether the step reads texts, which executors may not reach. */
  private static boolean readsFiles(Step step) {
    return step.options().containsKey("text") || step.options().containsKey("token-ids");
  }
}
