package org.longrope.driver.cli;

import com.fasterxml.jackson.databind.node.ObjectNode;
import java.io.IOException;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.concurrent.Callable;
import org.apache.hadoop.conf.Configuration;
import org.apache.spark.api.java.JavaSparkContext;
import org.jspecify.annotations.Nullable;
import org.longrope.datasets.EvaluationPartition;
import org.longrope.driver.perplexity.Documents;
import org.longrope.driver.perplexity.PerplexityMeasurement;
import org.longrope.driver.perplexity.PerplexityReport;
import org.longrope.driver.perplexity.RescalingByLength;
import org.longrope.driver.run.Versions;
import org.longrope.driver.scoring.Evaluation;
import org.longrope.driver.scoring.InProcessScorer;
import org.longrope.driver.scoring.Limits;
import org.longrope.driver.scoring.Scorer;
import org.longrope.driver.scoring.SparkScorer;
import org.longrope.driver.scoring.WorkerSetup;
import org.longrope.eval.BadInputException;
import org.longrope.eval.checkpoint.Checkpoint;
import org.longrope.eval.decoder.AttentionWindow;
import org.longrope.eval.decoder.Libtorch;
import org.longrope.eval.decoder.ResidentModel;
import org.longrope.eval.perplexity.Evaluator;
import org.longrope.eval.perplexity.Protocol;
import picocli.CommandLine.ArgGroup;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Option;

@Command(
    name = "perplexity",
    description =
        "Measures the perplexity of a rescaling: on this host, or with --master on Spark.")
final class PerplexityCommand implements Callable<Integer> {
  @Option(names = "--model", required = true, paramLabel = "DIR", description = "Checkpoint.")
  Path model = Path.of("");

  @ArgGroup(multiplicity = "1")
  Source source = new Source();

  @Option(
      names = "--length",
      required = true,
      split = ",",
      paramLabel = "N",
      description = "Tokens of a window, BOS included; several by commas.")
  List<Integer> lengths = new ArrayList<>();

  @Option(
      names = "--stride",
      paramLabel = "S",
      description = "Slide the window by S over whole documents; default: first window only.")
  @Nullable Integer stride;

  @Mixin RescalingOptions options = new RescalingOptions();

  @Option(
      names = "--threads",
      paramLabel = "N",
      description = "Of one evaluation; default: all cores, with --master 1.")
  @Nullable Integer threads;

  @Option(names = "--json", paramLabel = "FILE", description = "Write the results there.")
  @Nullable Path json;

  @Mixin SparkOptions spark = new SparkOptions();
  @Mixin CommonOptions common = new CommonOptions();

  static final class Source {
    @Option(names = "--data", paramLabel = "DIR", description = "Evaluation partition.")
    @Nullable String data;

    @Option(names = "--text", arity = "1..*", paramLabel = "FILE", description = "Text files.")
    List<Path> texts = new ArrayList<>();

    @Option(
        names = "--token-ids",
        paramLabel = "FILE",
        description = "JSON array of ids, BOS included, used as they are.")
    @Nullable Path tokenIds;

    Documents documents(Path model, Configuration hadoop) {
      if (data != null) {
        return Documents.ofPartition(data, model, hadoop);
      }
      return tokenIds != null ? Documents.ofTokenIds(tokenIds) : Documents.ofTexts(texts, model);
    }
  }

  @Override
  public Integer call() throws IOException {
    AttentionWindow window = AttentionWindow.parse(options.attentionWindow);
    List<Protocol> protocols = protocols();
    if (threads != null && threads < 1) {
      throw BadInputException.of("--threads is %d: expected 1 or more.", threads);
    }
    OutputFile.requireWritable("--json", json);
    Checkpoint checkpoint = Checkpoint.open(model);
    RescalingByLength rescaling = options.read(checkpoint);
    if (spark.master != null && source.data == null) {
      throw new BadInputException(
          "--master measures a partition on Spark: expected --data with it; prepare the documents, or"
              + " leave --master out.");
    }
    Documents documents = source.documents(model, spark.settings().hadoop());
    if (spark.master == null) {
      measureHere(checkpoint, window, documents, protocols, rescaling);
    } else {
      measureOnSpark(checkpoint, documents, protocols, rescaling);
    }
    return 0;
  }

  private void measureHere(
      Checkpoint checkpoint,
      AttentionWindow window,
      Documents documents,
      List<Protocol> protocols,
      RescalingByLength rescaling)
      throws IOException {
    Libtorch.useThreads(threads());
    try (ResidentModel resident = ResidentModel.load(checkpoint, window, longest(protocols))) {
      Evaluator evaluator = new Evaluator(resident);
      Scorer scorer =
          new InProcessScorer(
              task ->
                  new Evaluation.Scored(
                      task,
                      evaluator.score(
                          task.documentId(),
                          documents.sequence(task.documentId()),
                          task.protocol(),
                          task.rescaling()),
                      resident.computeType()));
      measure(scorer, checkpoint, documents, protocols, rescaling);
    }
  }

  private static int longest(List<Protocol> protocols) {
    return protocols.stream().mapToInt(Protocol::length).max().orElseThrow();
  }

  private void measureOnSpark(
      Checkpoint checkpoint,
      Documents documents,
      List<Protocol> protocols,
      RescalingByLength rescaling)
      throws IOException {
    try (JavaSparkContext context = spark.settings().start("longrope perplexity");
        SparkScorer scorer =
            new SparkScorer(
                context,
                new WorkerSetup(
                    model.toAbsolutePath().toString(),
                    checkpoint.sha256(),
                    options.attentionWindow,
                    EvaluationPartition.qualified(
                        String.valueOf(source.data), context.hadoopConfiguration()),
                    documents.provenance().path("partition_sha256").asText(),
                    WorkerSetup.hadoop(context.hadoopConfiguration()),
                    longest(protocols),
                    threads()),
                Limits.DEFAULT,
                0,
                ClusterMessages.INSTANCE)) {
      measure(scorer, checkpoint, documents, protocols, rescaling);
    }
  }

  private void measure(
      Scorer scorer,
      Checkpoint checkpoint,
      Documents documents,
      List<Protocol> protocols,
      RescalingByLength rescaling)
      throws IOException {
    warnOfShortDocuments(documents, protocols);
    long start = System.nanoTime();
    int total = documents.sequences().size() * protocols.size();
    List<PerplexityMeasurement> results =
        PerplexityMeasurement.measure(
            scorer,
            documents.sequences().keySet(),
            protocols,
            protocol -> rescaling.at(protocol.length(), checkpoint.config().rope()),
            done -> {
              double seconds = (System.nanoTime() - start) * 1e-9;
              Progress.line(
                  "%d/%d evaluations  ETA %s",
                  done, total, Durations.text(seconds * (total - done) / done));
            });
    System.out.print(PerplexityReport.toText(results));
    if (json != null) {
      write(json, results, documents, checkpoint, rescaling);
    }
  }

  private static void warnOfShortDocuments(Documents documents, List<Protocol> protocols) {
    for (Protocol protocol : protocols) {
      documents
          .sequences()
          .forEach(
              (id, sequence) -> {
                if (protocol instanceof Protocol.Truncated && sequence.length < protocol.length()) {
                  Progress.warn(
                      String.format(
                          "document %s has %d tokens, fewer than %d: all of them are read.",
                          id, sequence.length, protocol.length()));
                }
              });
    }
  }

  /** All cores for one evaluation after the other here; one for each of many on Spark. */
  private int threads() {
    int cores = spark.master == null ? Runtime.getRuntime().availableProcessors() : 1;
    return threads == null ? cores : threads;
  }

  private List<Protocol> protocols() {
    List<Protocol> protocols = new ArrayList<>();
    for (int length : new LinkedHashSet<>(lengths)) {
      try {
        protocols.add(
            stride == null ? new Protocol.Truncated(length) : new Protocol.Sliding(length, stride));
      } catch (IllegalArgumentException e) {
        throw new BadInputException(e.getMessage() + "; see --length and --stride.", e);
      }
    }
    return protocols;
  }

  private void write(
      Path file,
      List<PerplexityMeasurement> results,
      Documents documents,
      Checkpoint checkpoint,
      RescalingByLength rescaling)
      throws IOException {
    ObjectNode provenance = documents.provenance().deepCopy();
    provenance.put("model", model.toString());
    provenance.put("model_sha256", checkpoint.sha256());
    results.forEach(result -> provenance.withArray("protocols").add(result.protocol().toString()));
    provenance.put("method", rescaling.name());
    provenance.put("attention_window", options.attentionWindow);
    provenance.put("dtype", results.get(0).computeType());
    provenance.put("threads", threads());
    provenance.set("versions", Versions.toJson());
    OutputFile.write(file, PerplexityReport.toJson(results, provenance));
  }
}
