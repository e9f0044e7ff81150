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

@Section("Export and report")
@Command(
    name = "report",
    description = {
      "Writes a page of plots, tables and costs of a search or recipe.",
      "A search or recipe that is not finished is reported as far as it is."
    },
    footer = "bin/longrope report runs/quickstart/run")
final class ReportCommand implements Callable<Integer> {
  @Parameters(
      paramLabel = "PATH",
      description = "Output directory of 'longrope search' or 'longrope extend'.")
  String path = "";

  @Option(
      names = "--output",
      paramLabel = "DIR",
      description = "Directory of report.html and its files. Default: PATH/report.")
  @Nullable String output;

  @Option(
      names = "--published",
      paramLabel = "FILE",
      description =
          "Published factors to show for comparison: factors.json, a CSV row or a Hugging Face"
              + " config.json. Repeatable.")
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
