package org.longrope.driver.cli;

import java.io.PrintWriter;
import java.nio.file.Path;
import org.apache.logging.log4j.Level;
import org.apache.logging.log4j.core.config.Configurator;
import org.longrope.driver.execution.spark.WorkerPlugin;
import org.longrope.driver.store.files.FileLocation;
import picocli.CommandLine;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.ParseResult;

/**
 * Entry of {@code bin/longrope} and of spark-submit. Exit codes: 0 for success; 1 for a failure at
 * run time; 2 for input that cannot be used, where nothing is written; 143 and 130 for SIGTERM and
 * Ctrl-C. Finished evaluations are kept in all cases.
 */
@Command(
    name = "longrope",
    description =
        "Extends the context window of a language model by searching how far each RoPE"
            + " dimension is rescaled.",
    footer = {"bin/longrope quickstart", "bin/longrope COMMAND --help"},
    subcommands = {
      QuickstartCommand.class,
      DoctorCommand.class,
      InspectCommand.class,
      PrepareCommand.class,
      TokenizerCommand.class,
      SearchCommand.class,
      ResumeCommand.class,
      StatusCommand.class,
      PerplexityCommand.class,
      PasskeyCommand.class,
      BenchmarkCommand.class,
      FinetuneCommand.class,
      TrainCommand.class,
      ExtendCommand.class,
      ExportCommand.class,
      ReportCommand.class,
      ClusterCommand.class,
      BenchCommand.class
    })
public final class Main {
  static final int EXIT_FAILED = 1;
  static final int EXIT_BAD_INPUT = 2;

  @SuppressWarnings("UnusedVariable") // Read by picocli.
  @Mixin
  private CommonOptions common = new CommonOptions();

  /**
   * Runs a command line, and ends the process only if it failed. On YARN in cluster mode {@code
   * main} runs in the application master, which takes any exit before {@code main} returns for a
   * failure and would repeat a search that succeeded.
   */
  public static void main(String[] arguments) {
    Interruption.watch();
    int exitCode = run(arguments);
    Interruption.finish();
    if (exitCode != 0) {
      System.exit(exitCode);
    }
  }

  /** Runs a command line and returns its exit code. */
  public static int run(String... arguments) {
    WorkerPlugin.listen(line -> Progress.line("%s", line));
    return commandLine()
        .setExecutionStrategy(Main::execute)
        .setExecutionExceptionHandler(Main::report)
        .setParameterExceptionHandler(Main::reportUsage)
        .execute(arguments);
  }

  /**
   * Builds the parser. Paths may be on any Hadoop file system, unless an option is a local Path.
   */
  static CommandLine commandLine() {
    CommandLine commandLine =
        new CommandLine(new Main())
            .registerConverter(FileLocation.class, PathOptions::location)
            .registerConverter(Path.class, PathOptions::local);
    commandLine.getCommandSpec().preprocessor(new EarlierNames());
    return HelpPage.install(commandLine);
  }

  private static int execute(ParseResult parsed) {
    if (isVerbose(parsed)) {
      Configurator.setAllLevels("", Level.INFO);
    }
    return new CommandLine.RunLast().execute(parsed);
  }

  private static boolean isVerbose(ParseResult parsed) {
    return parsed.hasMatchedOption("--verbose")
        || (parsed.hasSubcommand() && isVerbose(parsed.subcommand()));
  }

  private static int reportUsage(CommandLine.ParameterException failure, String[] arguments) {
    CommandLine command = failure.getCommandLine();
    String name = command.getCommandSpec().qualifiedName();
    command.getErr().println("longrope: " + failure.getMessage() + " (see " + name + " --help)");
    return EXIT_BAD_INPUT;
  }

  private static int report(Exception failure, CommandLine command, ParseResult parsed) {
    PrintWriter err = command.getErr();
    if (Interruption.isUnderWay()) {
      Interruption.print(err::println);
    } else {
      err.println("longrope: " + Failures.sentence(failure));
    }
    if (isVerbose(parsed)) {
      failure.printStackTrace(err);
    }
    err.flush();
    return Failures.badInput(failure) != null ? EXIT_BAD_INPUT : EXIT_FAILED;
  }
}
