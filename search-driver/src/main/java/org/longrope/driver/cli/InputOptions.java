package org.longrope.driver.cli;

import java.util.ArrayList;
import java.util.List;
import org.jspecify.annotations.Nullable;
import org.longrope.datasets.ReadSettings;
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

  @Option(
      names = "--split",
      paramLabel = "S",
      description = "Of directories, take only this split; all for every one.")
  @Nullable String split;

  @Option(
      names = "--text-field",
      paramLabel = "NAME",
      description = "Field or column with the text; default ${DEFAULT-VALUE}.")
  String textField = ReadSettings.TEXT_FIELD;

  @Option(
      names = "--ids-field",
      paramLabel = "NAME",
      description = "Field or column with the token ids; default ${DEFAULT-VALUE}.")
  String idsField = ReadSettings.IDS_FIELD;

  @Option(
      names = "--skip-bad",
      description = "Leave out and count rows that cannot be read, instead of ending.")
  boolean skipBad;

  SourceFormat sourceFormat() {
    return SourceFormat.parse(format);
  }

  ReadSettings reading() {
    return new ReadSettings(textField, idsField, skipBad);
  }
}
