package org.longrope.driver.cli;

import java.io.IOException;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.Callable;
import org.apache.hadoop.conf.Configuration;
import org.jspecify.annotations.Nullable;
import org.longrope.driver.report.html.Report;
import org.longrope.driver.store.files.FileLocation;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Option;
import picocli.CommandLine.Parameters;

@Command(
    name = "report",
    description = {
      "Writes what a search or a recipe measured as one page, with plots, tables and costs.",
      "Of one that is not finished, what there is so far."
    })
final class ReportCommand implements Callable<Integer> {
  @Parameters(
      paramLabel = "PATH",
      description = "Run directory of a search, or the output directory of 'extend'.")
  String path = "";

  @Option(
      names = "--output",
      paramLabel = "DIR",
      description = "For report.html and the files that it shows; default: PATH/report.")
  @Nullable String output;

  @Option(
      names = "--published",
      paramLabel = "FILE",
      description = {
        "Factors to show beside what was found: factors.json, a CSV row or a Hugging Face"
            + " config.json; may be given again."
      })
  List<FileLocation> published = new ArrayList<>();

  @Mixin HadoopOptions files = new HadoopOptions();

  @Mixin CommonOptions common = new CommonOptions();

  @Override
  public Integer call() throws IOException {
    Configuration hadoop = files.hadoop();
    Report report =
        Report.read(
            path, published.stream().map(file -> file.on(hadoop)).toList(), hadoop, Progress::warn);
    String page =
        report.write(output == null ? path.replaceAll("/+$", "") + "/report" : output, hadoop);
    System.out.print(report.text());
    System.out.println(page);
    return 0;
  }
}
