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

/** The steps of a recipe as commands of this program, in this process. */
final class RecipeSteps implements RecipeRun.Runner {
  private final SparkOptions spark;
  private final Supplier<CommandLine> program;

  /**
   * @param spark where steps run that do not say it themselves
   */
  RecipeSteps(SparkOptions spark) {
    this(spark, Main::commandLine);
  }

  /**
   * @param program whose commands the steps are
   */
  RecipeSteps(SparkOptions spark, Supplier<CommandLine> program) {
    this.spark = spark;
    this.program = program;
  }

  /** What a step will take, and what it could not do. */
  CostEstimate estimate(Step step, List<String> arguments, ArtifactCatalog known) {
    if (!(command(step, arguments).userObject() instanceof RecipeCommand command)) {
      throw new IllegalStateException(step.command() + " cannot be a step");
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
   * The command of a step with its options read.
   *
   * @throws BadInputException if there are no such options, or one cannot be read
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
      // Always said, because commands that could do without Spark would take other threads, and
      // with them other last bits, on other machines.
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

  /** Texts that no executor may see are read in this process. */
  private static boolean readsFiles(Step step) {
    return step.options().containsKey("text") || step.options().containsKey("token-ids");
  }
}
