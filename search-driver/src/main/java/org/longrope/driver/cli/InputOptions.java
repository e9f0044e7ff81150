package org.longrope.driver.cli;

import java.util.ArrayList;
import java.util.List;
import org.longrope.datasets.SourceFormat;
import picocli.CommandLine.Option;

/** Options of commands that read documents. */
final class InputOptions {
  @Option(
      names = "--input",
      required = true,
      arity = "1..*",
      paramLabel = "PATH",
      description = "Files, directories or globs on any Hadoop file system.")
  List<String> paths = new ArrayList<>();

  @Option(
      names = "--format",
      required = true,
      paramLabel = "FORMAT",
      description = "text, archive, pg19, jsonl, parquet or tokens.")
  String format = "";

  SourceFormat sourceFormat() {
    return SourceFormat.parse(format);
  }
}
