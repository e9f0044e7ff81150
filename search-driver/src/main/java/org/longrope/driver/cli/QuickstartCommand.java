package org.longrope.driver.cli;

import java.io.IOException;
import java.nio.file.Path;
import java.util.Map;
import java.util.concurrent.Callable;
import org.apache.hadoop.conf.Configuration;
import org.apache.spark.api.java.JavaSparkContext;
import org.longrope.driver.run.SearchRun;
import org.longrope.driver.run.replay.RunDirectory;
import org.longrope.driver.run.settings.SettingsReader;
import org.longrope.driver.store.files.FileLocation;
import org.longrope.driver.store.files.StoredFile;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Option;

@Section("Begin")
@Command(
    name = "quickstart",
    description = {
      "Runs a real search in minutes on the demonstration model.",
      "The model is extended from 256 to 2,048 tokens, on documents of this checkout."
    },
    footer = "bin/longrope quickstart")
final class QuickstartCommand implements Callable<Integer> {
  @Option(
      names = "--output",
      paramLabel = "DIR",
      description = "Directory of the results: a free one under runs.")
  FileLocation output = FileLocation.of(Demonstration.freeDirectory("quickstart"));

  @Mixin SparkOptions spark = new SparkOptions();
  @Mixin CommonOptions common = new CommonOptions();

  @Override
  public Integer call() throws IOException {
    Demonstration demonstration = Demonstration.ofCheckout();
    Path model = demonstration.model();
    FileLocation data = output.resolve("data");
    FileLocation run = output.resolve("run");
    SettingsReader.Effective effective =
        SettingsReader.read(
            StoredFile.of(demonstration.settings()),
            Map.of("model", model.toString(), "data", data.toString(), "output", run.toString()),
            spark.settings());
    try (JavaSparkContext context = effective.spark().start("longrope quickstart")) {
      Progress.line("Documents that the model never saw: Java sources of jsoup.");
      demonstration.prepare(context, data.text(), effective.search().targetLength());
      Configuration hadoop = context.hadoopConfiguration();
      RunDirectory directory = RunDirectory.create(run.toString(), hadoop);
      Progress.line("Searching factors for 8 times the model's window of 256 tokens.");
      SearchExecution.execute(
          SearchRun.begin(effective.search(), directory, hadoop), directory, context);
    }
    System.out.printf(
        """

        Next: measure the factors at another length, write them for Hugging Face, or use your own:
          bin/longrope perplexity --model %1$s --data %2$s --length 256,1024,2048,4096 --factors %3$s/factors.json
          bin/longrope export --factors %3$s/factors.json --model %1$s --format hf --output %4$s
          bin/longrope prepare --help, bin/longrope search --help, README.md
        """,
        model, data, run, output.resolve("hf"));
    return 0;
  }
}
