package org.longrope.driver.cli;

import com.fasterxml.jackson.databind.json.JsonMapper;
import com.fasterxml.jackson.databind.node.ArrayNode;
import com.fasterxml.jackson.databind.node.ObjectNode;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardCopyOption;
import java.util.ArrayList;
import java.util.List;
import java.util.Locale;
import java.util.concurrent.Callable;
import org.jspecify.annotations.Nullable;
import org.longrope.driver.factors.FactorFiles;
import org.longrope.driver.factors.FactorSet;
import org.longrope.driver.perplexity.Documents;
import org.longrope.driver.perplexity.PerplexityMeasurement;
import org.longrope.driver.perplexity.RescalingChoice;
import org.longrope.driver.run.Versions;
import org.longrope.eval.BadInputException;
import org.longrope.eval.checkpoint.Checkpoint;
import org.longrope.eval.decoder.AttentionWindow;
import org.longrope.eval.decoder.ResidentModel;
import org.longrope.eval.decoder.TorchThreads;
import org.longrope.eval.perplexity.Evaluator;
import org.longrope.eval.perplexity.Protocol;
import org.longrope.eval.rope.AttentionFactor;
import org.longrope.eval.rope.RopeMethod;
import picocli.CommandLine.ArgGroup;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Option;

@Command(
    name = "perplexity",
    description = "Measures the perplexity of a rescaling on documents, on this host.")
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

  @ArgGroup Factors factors = new Factors();

  @Option(
      names = "--target-length",
      paramLabel = "N",
      description = "Length that the method extends to; default: each --length.")
  @Nullable Integer targetLength;

  @Option(names = "--start-tokens", paramLabel = "N", description = "Default: the file's, else 0.")
  @Nullable Integer startTokens;

  @Option(
      names = "--attention-factor",
      paramLabel = "A",
      description =
          "none, su, yarn or a number; default: the file's (else su), or the method's own.")
  @Nullable String attentionFactor;

  @Option(
      names = "--attention-window",
      paramLabel = "W",
      description = "config, none or a number of tokens; default config.")
  String attentionWindow = "config";

  @Option(names = "--threads", paramLabel = "N", description = "Default: all cores.")
  int threads = Runtime.getRuntime().availableProcessors();

  @Option(names = "--json", paramLabel = "FILE", description = "Write the results there.")
  @Nullable Path json;

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

    Documents documents(Path model) {
      if (data != null) {
        return Documents.ofPartition(data, model);
      }
      return tokenIds != null ? Documents.ofTokenIds(tokenIds) : Documents.ofTexts(texts, model);
    }
  }

  static final class Factors {
    @Option(
        names = "--method",
        paramLabel = "M",
        description = "none, pi, ntk, dynamic-ntk or yarn; default none.")
    String method = "none";

    @Option(
        names = "--factors",
        paramLabel = "FILE",
        description = "factors.json, a CSV row or a Hugging Face config.json.")
    @Nullable Path file;
  }

  @Override
  public Integer call() throws IOException {
    AttentionWindow window = AttentionWindow.parse(attentionWindow);
    List<Protocol> protocols = protocols();
    RescalingChoice choice = choice();
    requireWritable(json);
    Checkpoint checkpoint = Checkpoint.open(model);
    FactorSet given = choice.factors();
    if (given != null) {
      given.requirePairs(checkpoint.config().rope().pairs(), String.valueOf(factors.file));
    }
    Documents documents = source.documents(model);
    TorchThreads.set(threads);
    List<PerplexityMeasurement> results = new ArrayList<>();
    try (ResidentModel resident = ResidentModel.load(checkpoint, window)) {
      Evaluator evaluator = new Evaluator(resident);
      for (Protocol protocol : protocols) {
        results.add(measure(evaluator, documents, protocol, choice, checkpoint));
      }
      print(results);
      if (json != null) {
        write(json, results, documents, checkpoint, resident.computeType());
      }
    }
    return 0;
  }

  /** Said before hours are spent on what could not be written. */
  private static void requireWritable(@Nullable Path file) {
    if (file == null) {
      return;
    }
    Path parent = file.toAbsolutePath().getParent();
    if (parent == null || !Files.isWritable(parent) || Files.isDirectory(file)) {
      throw BadInputException.of(
          "Cannot write --json %s: expected a file in a directory that exists and can be written.",
          file);
    }
  }

  private List<Protocol> protocols() {
    List<Protocol> protocols = new ArrayList<>();
    for (int length : lengths) {
      try {
        protocols.add(
            stride == null ? new Protocol.Truncated(length) : new Protocol.Sliding(length, stride));
      } catch (IllegalArgumentException e) {
        throw new BadInputException(e.getMessage() + "; see --length and --stride.", e);
      }
    }
    return protocols;
  }

  private RescalingChoice choice() {
    if (startTokens != null && startTokens < 0) {
      throw BadInputException.of("--start-tokens is %d: expected 0 or more.", startTokens);
    }
    if (targetLength != null && targetLength < 1) {
      throw BadInputException.of("--target-length is %d: expected 1 or more.", targetLength);
    }
    if (threads < 1) {
      throw BadInputException.of("--threads is %d: expected 1 or more.", threads);
    }
    return new RescalingChoice(
        RopeMethod.parse(factors.method),
        factors.file == null ? null : FactorFiles.read(factors.file, Progress::warn),
        targetLength,
        startTokens,
        attentionFactor == null ? null : AttentionFactor.parse(attentionFactor));
  }

  private static PerplexityMeasurement measure(
      Evaluator evaluator,
      Documents documents,
      Protocol protocol,
      RescalingChoice choice,
      Checkpoint checkpoint) {
    if (protocol instanceof Protocol.Truncated) {
      documents
          .sequences()
          .forEach(
              (id, sequence) -> {
                if (sequence.length < protocol.length()) {
                  Progress.warn(
                      String.format(
                          "document %s has %d tokens, fewer than %d: all of them are read.",
                          id, sequence.length, protocol.length()));
                }
              });
    }
    long start = System.nanoTime();
    int total = documents.sequences().size();
    return PerplexityMeasurement.of(
        evaluator,
        documents.sequences(),
        protocol,
        choice.at(protocol.length(), checkpoint.config().rope()),
        done -> {
          double seconds = (System.nanoTime() - start) * 1e-9;
          Progress.line(
              "length %,d: %d/%d documents  ETA %s",
              protocol.length(), done, total, Durations.text(seconds * (total - done) / done));
        });
  }

  private static void print(List<PerplexityMeasurement> results) {
    System.out.printf(
        Locale.ROOT, "%12s  %14s  %16s  %12s%n", "length", "perplexity", "mean NLL", "tokens");
    for (PerplexityMeasurement result : results) {
      System.out.printf(
          Locale.ROOT,
          "%,12d  %,14.4f  %16.6f  %,12d%n",
          result.protocol().length(),
          result.perplexity(),
          result.nll() / result.tokens(),
          result.tokens());
    }
  }

  private void write(
      Path file,
      List<PerplexityMeasurement> results,
      Documents documents,
      Checkpoint checkpoint,
      String computeType)
      throws IOException {
    JsonMapper mapper = new JsonMapper();
    ObjectNode root = mapper.createObjectNode();
    results.forEach(result -> root.withArray("results").add(result.toJson()));
    ObjectNode provenance = root.putObject("provenance");
    provenance.put("model", model.toString());
    provenance.put("model_sha256", checkpoint.sha256());
    provenance.setAll(documents.provenance());
    ArrayNode protocols = provenance.putArray("protocols");
    results.forEach(result -> protocols.add(result.protocol().toString()));
    provenance.put("method", factors.file == null ? factors.method : factors.file.toString());
    provenance.put("attention_window", attentionWindow);
    provenance.put("dtype", computeType);
    provenance.put("threads", threads);
    provenance.set("versions", Versions.toJson());
    Path part = file.resolveSibling("." + file.getFileName() + ".part");
    Files.writeString(
        part, mapper.writerWithDefaultPrettyPrinter().writeValueAsString(root) + "\n");
    Files.move(part, file, StandardCopyOption.REPLACE_EXISTING, StandardCopyOption.ATOMIC_MOVE);
  }
}
