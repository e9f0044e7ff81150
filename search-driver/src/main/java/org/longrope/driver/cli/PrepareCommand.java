package org.longrope.driver.cli;

import java.util.concurrent.Callable;
import org.apache.spark.api.java.JavaSparkContext;
import org.jspecify.annotations.Nullable;
import org.longrope.datasets.Manifest;
import org.longrope.datasets.Preparation;
import org.longrope.datasets.PrepareRequest;
import org.longrope.datasets.PrepareResult;
import org.longrope.datasets.ProgressListener;
import org.longrope.driver.recipe.ArtifactCatalog;
import org.longrope.driver.recipe.CostEstimate;
import org.longrope.driver.recipe.RecipeCommand;
import org.longrope.driver.report.table.Numbers;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Option;

@Section("Prepare")
@Command(
    name = "prepare",
    description = "Turns documents into a tokenised evaluation partition.",
    footer = {
      "bin/longrope prepare --input search-driver/target/demonstration --format archive \\",
      "    --tokenizer search-driver/demonstration --min-tokens 2047 --output runs/jsoup"
    })
final class PrepareCommand implements Callable<Integer>, RecipeCommand {
  @Mixin InputOptions input = new InputOptions();

  @Option(
      names = "--tokenizer",
      paramLabel = "DIR",
      description = "Directory of the model's tokenizer.json. Not needed for --format tokens.")
  @Nullable String tokenizer;

  @Option(
      names = "--output",
      required = true,
      paramLabel = "DIR",
      description = "Directory of the partition.")
  String output = "";

  @Option(
      names = "--min-tokens",
      paramLabel = "N",
      description = "Leave out documents with fewer tokens.")
  int minTokens = 0;

  @Option(
      names = "--sample",
      paramLabel = "N",
      description = "Keep N of the documents, drawn by --seed. Default: all.")
  @Nullable Integer sample;

  @Option(names = "--seed", paramLabel = "N", description = "Seed of the sample.")
  long seed = 42;

  @Mixin BosOption bos = new BosOption();

  @Mixin SparkOptions spark = new SparkOptions();
  @Mixin CommonOptions common = new CommonOptions();

  @Override
  public Integer call() {
    PrepareRequest request =
        new PrepareRequest(
            input.paths,
            input.sourceFormat(),
            tokenizer,
            output,
            input.split,
            minTokens,
            sample,
            seed,
            input.reading(),
            bos.choice());
    PrepareResult result =
        Preparation.unchanged(request, spark.hadoop()).orElseGet(() -> run(request));
    Manifest manifest = result.manifest();
    System.out.printf(
        "%s %s: %s, %s, content %s%n",
        result.alreadyThere() ? "Nothing to do, the partition exists:" : "Prepared",
        output,
        Numbers.counted(manifest.documents(), "document"),
        Numbers.counted(manifest.tokens(), "token"),
        manifest.contentHash().substring(0, 12));
    return 0;
  }

  private PrepareResult run(PrepareRequest request) {
    try (JavaSparkContext context = spark.settings().start("longrope prepare")) {
      return Preparation.run(context, request, new PreparationProgress());
    }
  }

  @Override
  public CostEstimate estimate(ArtifactCatalog known) {
    input.sourceFormat();
    bos.choice();
    known.promisePartition(output);
    return CostEstimate.NONE;
  }

  /** Progress of the two readings of the inputs, each with the time to go. */
  private static final class PreparationProgress implements ProgressListener {
    private final PacedProgress reading = new PacedProgress();
    private PacedProgress tokenising = new PacedProgress();
    private long start = System.nanoTime();

    @Override
    public void read(int filesDone, int files) {
      if (filesDone < files) {
        String line = String.format("read %,d/%,d input files", filesDone, files);
        reading.log(line, filesDone, files, false);
      } else {
        tokenising = new PacedProgress();
        start = System.nanoTime();
      }
    }

    @Override
    public void tokenised(long documents, long tokens, int sharesDone, int shares) {
      String line =
          String.format(
              "tokenised %,d documents, %,d tokens (%,.0f/s)  %d/%d of the input",
              documents, tokens, tokens / ((System.nanoTime() - start) * 1e-9), sharesDone, shares);
      tokenising.log(line, sharesDone, shares, sharesDone == shares);
    }

    @Override
    public void note(String sentence) {
      Progress.line("%s", sentence);
    }
  }
}
