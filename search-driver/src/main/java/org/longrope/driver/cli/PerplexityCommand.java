package org.longrope.driver.cli;

import com.fasterxml.jackson.databind.node.ObjectNode;
import java.io.IOException;
import java.util.ArrayList;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Map;
import java.util.SortedSet;
import java.util.TreeMap;
import java.util.TreeSet;
import java.util.concurrent.Callable;
import java.util.stream.Collectors;
import org.apache.hadoop.conf.Configuration;
import org.jspecify.annotations.Nullable;
import org.longrope.datasets.EvaluationPartition;
import org.longrope.driver.execution.EvaluationTask;
import org.longrope.driver.execution.worker.ModelCache;
import org.longrope.driver.execution.worker.TaskDocuments;
import org.longrope.driver.factors.RescalingRequest;
import org.longrope.driver.measure.Measurement;
import org.longrope.driver.measure.perplexity.Documents;
import org.longrope.driver.measure.perplexity.PerplexityMeasurement;
import org.longrope.driver.measure.perplexity.PerplexityReport;
import org.longrope.driver.measure.perplexity.PerplexityTable;
import org.longrope.driver.recipe.ArtifactCatalog;
import org.longrope.driver.recipe.CostEstimate;
import org.longrope.driver.recipe.RecipeCommand;
import org.longrope.driver.store.MeasurementLog;
import org.longrope.driver.store.Versions;
import org.longrope.eval.BadInputException;
import org.longrope.eval.checkpoint.Checkpoint;
import org.longrope.eval.decoder.AttentionWindow;
import org.longrope.eval.perplexity.Protocol;
import org.longrope.eval.rope.RopeMethod;
import picocli.CommandLine.ArgGroup;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Option;

@Section("Measure")
@Command(
    name = "perplexity",
    description = "Measures perplexity with factors or a rescaling method.",
    footer = {
      "bin/longrope perplexity --model search-driver/demonstration --data runs/quickstart/data \\",
      "    --factors runs/quickstart/run/factors.json --length 256,2048 --compare yarn"
    })
final class PerplexityCommand implements Callable<Integer>, RecipeCommand {
  @Mixin ModelOption model = new ModelOption();

  @ArgGroup(multiplicity = "1")
  DocumentOptions source = new DocumentOptions();

  @Option(
      names = "--length",
      required = true,
      split = ",",
      paramLabel = "N",
      description = "Tokens of a window, BOS included.")
  List<Integer> lengths = new ArrayList<>();

  @Option(
      names = "--documents",
      paramLabel = "N",
      description =
          "Measure the first N documents of --data that have the tokens of the longest --length."
              + " (A search draws its documents by its --seed.) Default: all documents.")
  @Nullable Integer documents;

  @Option(
      names = "--stride",
      paramLabel = "S",
      description =
          "Slide the window by S tokens over whole documents. Default: read the first window of"
              + " each document.")
  @Nullable Integer stride;

  @Option(
      names = "--by-position",
      description =
          "Measure the tokens between one --length and the next apart, all with the factors for"
              + " the longest: what the far context is worth.")
  boolean byPosition;

  @Mixin BosOption bos = new BosOption();

  @Mixin RescalingOptions options = new RescalingOptions();

  @Option(
      names = "--compare",
      split = ",",
      paramLabel = "M",
      description = "Methods to measure as well: none, pi, ntk, dynamic-ntk or yarn.")
  List<String> compared = new ArrayList<>();

  @Mixin MeasuringOptions measuring = new MeasuringOptions();

  @Mixin JsonOption json = new JsonOption();

  @Mixin CommonOptions common = new CommonOptions();

  @Override
  public Integer call() throws IOException {
    AttentionWindow window = AttentionWindow.parse(options.attentionWindow);
    List<Protocol> protocols = protocols();
    measuring.check();
    SparkOptions spark = measuring.spark;
    Configuration hadoop = spark.hadoop();
    json.requireWritable(hadoop);
    Checkpoint checkpoint = ModelCache.ofHost().open(model.location().text(), null, hadoop);
    List<PerplexityTable.Row> rows = rows(checkpoint, hadoop);
    checkpoint.config().notes().forEach(Progress::warn);
    window.warning(checkpoint.config(), longest(protocols)).ifPresent(Progress::warn);
    Documents documents =
        source.read(checkpoint.directory(), hadoop, bos, this.documents, longest(protocols));
    warnOfShortDocuments(documents, protocols);
    PerplexityTable table =
        new PerplexityTable(
            rows, protocols, documents.sequences().keySet(), options.rope(checkpoint));
    Measurement measurement =
        new Measurement(
            model.location(),
            checkpoint,
            window,
            longest(protocols),
            false,
            null,
            partition(documents, hadoop),
            documents.sequences(),
            identity(table, documents, checkpoint, window),
            table.tasks(),
            table.groups());
    try (MeasurementLog log = measuring.log(measurement)) {
      MeasureProgress progress =
          new MeasureProgress(
              "evaluations",
              table.tasks(),
              log,
              task ->
                  new MeasureProgress.Weight(
                      "", 1, ((EvaluationTask) task).protocol().length(), ""),
              System::nanoTime);
      measuring.execute("perplexity", measurement, log, progress);
      write(table.measurements(log), provenance(rows, log, documents, checkpoint));
    }
    return 0;
  }

  /** Returns the partition, which workers read by themselves; null for other documents. */
  private @Nullable TaskDocuments partition(Documents documents, Configuration hadoop) {
    return source.data == null
        ? null
        : new TaskDocuments.Partition(
            EvaluationPartition.qualified(source.data, hadoop),
            documents.provenance().path("partition_sha256").asText());
  }

  private static ObjectNode identity(
      PerplexityTable table, Documents documents, Checkpoint checkpoint, AttentionWindow window) {
    ObjectNode identity = table.identity();
    identity.put("test", "perplexity");
    identity.put("model_sha256", checkpoint.sha256());
    identity.put("documents", documents.identity());
    identity.put("attention_window", window.toString());
    return identity;
  }

  private List<PerplexityTable.Row> rows(Checkpoint checkpoint, Configuration hadoop) {
    List<PerplexityTable.Row> rows = new ArrayList<>();
    rows.add(
        new PerplexityTable.Row(
            name(checkpoint), options.read(checkpoint, model.location(), hadoop)));
    for (String method : new LinkedHashSet<>(compared)) {
      rows.add(
          new PerplexityTable.Row(
              method,
              new RescalingRequest(
                  RopeMethod.parse(method), null, options.targetLength, null, null)));
    }
    for (int i = 1; i < rows.size(); i++) {
      if (rows.get(i).method().equals(rows.get(0).method())) {
        throw BadInputException.of(
            "--compare %s is what is measured anyway: expected other methods; leave it out.",
            rows.get(i).method());
      }
    }
    return rows;
  }

  /** Returns the name of the requested rescaling in a table of methods. */
  private String name(Checkpoint checkpoint) {
    if (!options.files.isEmpty()) {
      return "found factors";
    }
    if (options.method != null) {
      return options.method;
    }
    return checkpoint.isExtended() ? "own factors" : "none";
  }

  @Override
  public CostEstimate estimate(ArtifactCatalog known) {
    ArtifactCatalog.Model measured = known.model(model.toString());
    List<Protocol> protocols = protocols();
    compared.forEach(RopeMethod::parse);
    options.check(model.toString(), known);
    Map<Integer, Double> passes = new TreeMap<>();
    for (Protocol protocol : protocols) {
      if (source.data != null) {
        known.requireLength(source.data, "--length", protocol.length());
      }
      passes.put(
          protocol.length(), (1 + compared.size()) * source.windows(protocol, known, documents));
    }
    return CostEstimate.of(model.toString(), passes);
  }

  private static int longest(List<Protocol> protocols) {
    return protocols.stream().mapToInt(Protocol::length).max().orElseThrow();
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

  private List<Protocol> protocols() {
    List<Protocol> protocols = new ArrayList<>();
    if (byPosition) {
      return PerplexityTable.byPosition(sortedLengths());
    }
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

  /** Returns the lengths of --by-position. */
  private SortedSet<Integer> sortedLengths() {
    SortedSet<Integer> sorted = new TreeSet<>(lengths);
    if (stride != null) {
      throw new BadInputException(
          "--by-position measures the first window of each document, and --stride slides it:"
              + " expected one of them; leave the other out.");
    }
    if (sorted.size() < 2 || sorted.first() < 2) {
      throw BadInputException.of(
          "--by-position with --length %s has no tokens between two lengths: expected two lengths"
              + " or more, from 2 tokens on.",
          sorted.stream().map(String::valueOf).collect(Collectors.joining(",")));
    }
    return sorted;
  }

  private void write(List<PerplexityMeasurement> results, ObjectNode provenance)
      throws IOException {
    System.out.print(PerplexityReport.toText(results));
    measuring.writeText("perplexity.csv", () -> PerplexityReport.toCsv(results), null);
    if (new LinkedHashSet<>(lengths).size() > 1) {
      measuring.write("perplexity.png", () -> PerplexityReport.toPng(results), null);
    }
    measuring.writeText(
        "perplexity.json", () -> PerplexityReport.toJson(results, provenance), json.file);
  }

  private ObjectNode provenance(
      List<PerplexityTable.Row> rows,
      MeasurementLog log,
      Documents documents,
      Checkpoint checkpoint) {
    ObjectNode provenance = documents.provenance().deepCopy();
    provenance.put("model", model.toString());
    provenance.put("model_sha256", checkpoint.sha256());
    protocols().forEach(protocol -> provenance.withArray("protocols").add(protocol.toString()));
    provenance.put("method", rows.get(0).rescaling().name());
    provenance.put("attention_window", options.attentionWindow);
    provenance.put("dtype", log.computeType());
    provenance.put("threads", measuring.threads());
    provenance.set("versions", Versions.toJson());
    return provenance;
  }
}
