package org.longrope.driver.cli;

import org.longrope.driver.factors.FactorFile;
import picocli.CommandLine.Option;

/** Option that leaves out the query scales of factor files. */
@Section("Rescaling")
final class QueryScalesOption {
  @Option(
      names = "--without-query-scales",
      description = "Use the factors in --factors without their query scales, to compare.")
  boolean without;

  /** Returns the factors that are used of a file. */
  FactorFile of(FactorFile file) {
    return without ? file.withoutQueryScales() : file;
  }
}
