package org.longrope.driver.cli;

import java.util.ArrayList;
import java.util.List;
import org.jspecify.annotations.Nullable;
import org.longrope.datasets.ReadSettings;
import org.longrope.datasets.SourceFormat;
import picocli.CommandLine.Option;

/** Options of commands that read raw documents. */
final class InputOptions {
  private static final String INPUT = "Input";

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

  @Section(INPUT)
  @Option(
      names = "--split",
      paramLabel = "S",
      description = "Split to take from directories that have several; all for every split.")
  @Nullable String split;

  @Section(INPUT)
  @Option(
      names = "--text-field",
      paramLabel = "NAME",
      description = "Field or column that holds the text.")
  String textField = ReadSettings.TEXT_FIELD;

  @Section(INPUT)
  @Option(
      names = "--ids-field",
      paramLabel = "NAME",
      description = "Field or column that holds the token ids.")
  String idsField = ReadSettings.IDS_FIELD;

  @Section(INPUT)
  @Option(
      names = "--skip-bad",
      description = "Skip and count rows that cannot be read, instead of stopping.")
  boolean skipBad;

  SourceFormat sourceFormat() {
    return SourceFormat.parse(format);
  }

  ReadSettings reading() {
    return new ReadSettings(textField, idsField, skipBad);
  }
}
