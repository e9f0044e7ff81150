package org.longrope.driver.cli;

import picocli.CommandLine.Option;

/** Options of every command. */
@Section(Section.GENERAL)
final class CommonOptions {
  @Option(names = "--verbose", description = "Show Spark's log, and the stack traces of errors.")
  boolean verbose;

  @Option(
      names = {"-h", "--help"},
      usageHelp = true,
      description = "Show this help.")
  boolean help;
}
