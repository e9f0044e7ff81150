package org.longrope.driver.cli;

import com.fasterxml.jackson.databind.node.JsonNodeFactory;
import com.fasterxml.jackson.databind.node.ObjectNode;
import java.io.IOException;
import java.util.ArrayList;
import java.util.Collections;
import java.util.LinkedHashMap;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Objects;
import java.util.OptionalInt;
import java.util.concurrent.Callable;
import org.apache.hadoop.conf.Configuration;
import org.jspecify.annotations.Nullable;
import org.longrope.driver.execution.PasskeyTask;
import org.longrope.driver.execution.worker.ModelCache;
import org.longrope.driver.factors.RescalingJson;
import org.longrope.driver.factors.RescalingRequest;
import org.longrope.driver.measure.Measurement;
import org.longrope.driver.measure.passkey.PasskeyMeasurement;
import org.longrope.driver.measure.passkey.PasskeyReport;
import org.longrope.driver.measure.passkey.PasskeyTest;
import org.longrope.driver.recipe.ArtifactCatalog;
import org.longrope.driver.recipe.CostEstimate;
import org.longrope.driver.recipe.RecipeCommand;
import org.longrope.driver.store.MeasurementLog;
import org.longrope.driver.store.Versions;
import org.longrope.driver.store.files.FileLocation;
import org.longrope.eval.BadInputException;
import org.longrope.eval.checkpoint.Checkpoint;
import org.longrope.eval.checkpoint.DType;
import org.longrope.eval.decoder.AttentionWindow;
import org.longrope.eval.decoder.EvaluationCost;
import org.longrope.eval.family.DecoderSpec;
import org.longrope.eval.passkey.PasskeyGrid;
import org.longrope.eval.passkey.PasskeyPrompts;
import org.longrope.eval.rope.FactorTable;
import org.longrope.eval.tokenizer.DocumentTokenizer;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Option;

@Section("Measure")
@Command(
    name = "passkey",
    description = "Measures retrieval of a number hidden in a long text.",
    footer = {
      "bin/longrope passkey --model search-driver/demonstration --length 1024,2048 \\",
      "    --factors runs/quickstart/run/factors.json --depths 3 --trials 2 --needle"
    })
final class PasskeyCommand implements Callable<Integer>, RecipeCommand {
  @Mixin ModelOption model = new ModelOption();

  @Option(
      names = "--length",
      required = true,
      split = ",",
      paramLabel = "N",
      description = "Tokens of prompt and answer, BOS included.")
  List<Integer> lengths = new ArrayList<>();

  @Option(
      names = "--depths",
      paramLabel = "N",
      description = "Places of the key, evenly from the begin of the text to its end.")
  int depths = 10;

  @Option(names = "--trials", paramLabel = "N", description = "Keys at each length and depth.")
  int trials = 10;

  @Option(
      names = "--needle",
      description =
          "Measure the likelihood of the key only and generate no answer, which needs the keys"
              + " and values of one layer at a time.")
  boolean needle;

  @Mixin BosOption bos = new BosOption();

  @Mixin RescalingOptions options = new RescalingOptions();

  @Mixin MeasuringOptions measuring = new MeasuringOptions();

  @Option(names = "--seed", paramLabel = "N", description = "Seed of the keys.")
  long seed = 42;

  @Mixin JsonOption json = new JsonOption();

  @Option(
      names = "--plot",
      paramLabel = "FILE",
      description = "Also draw the results, length by depth, as this PNG file.")
  @Nullable FileLocation plot;

  @Mixin CommonOptions common = new CommonOptions();

  @Override
  public Integer call() throws IOException {
    bos.choice();
    AttentionWindow window = AttentionWindow.parse(options.attentionWindow);
    PasskeyGrid grid = grid();
    measuring.check();
    Configuration hadoop = measuring.spark.hadoop();
    json.requireWritable(hadoop);
    OutputFile.requireWritable("--plot", plot, hadoop);
    Checkpoint checkpoint = ModelCache.ofHost().open(model.location().text(), null, hadoop);
    RescalingRequest rescaling = options.read(checkpoint, model.location(), hadoop);
    Tokens tokens = requireAskable(grid, checkpoint);
    checkpoint.config().notes().forEach(Progress::warn);
    window.warning(checkpoint.config(), Collections.max(lengths)).ifPresent(Progress::warn);
    Map<Integer, FactorTable> factors = new LinkedHashMap<>();
    grid.lengths().forEach(l -> factors.put(l, rescaling.table(l, options.rope(checkpoint))));
    PasskeyTest test =
        new PasskeyTest(
            grid,
            needle,
            length -> Objects.requireNonNull(factors.get(length)),
            tokens.tokenizerHash(),
            tokens.bosTokenId());
    ObjectNode provenance = provenance(grid, checkpoint.sha256(), tokens);
    ObjectNode identity = provenance.deepCopy();
    factors.forEach((length, table) -> identity.withArray("factors").add(toJson(length, table)));
    Measurement measurement =
        new Measurement(
            model.location(),
            checkpoint,
            window,
            Collections.max(lengths),
            !needle,
            tokens.tokenizerHash(),
            null,
            Map.of(),
            identity,
            test.tasks(),
            test.groups());
    try (MeasurementLog log = measuring.log(measurement)) {
      MeasureProgress progress =
          new MeasureProgress(
              "trials",
              test.tasks(),
              log,
              task -> weight((PasskeyTask) task, checkpoint.config(), window),
              System::nanoTime);
      measuring.execute("passkey", measurement, log, progress);
      provenance.put("model", model.toString());
      provenance.put("method", rescaling.name());
      provenance.put("dtype", log.computeType());
      provenance.put("threads", measuring.threads());
      provenance.set("versions", Versions.toJson());
      write(test.measurement(log), factors, provenance);
    }
    return 0;
  }

  /**
   * Weighs a trial by its floating-point operations: the longest trials take nearly all the time.
   */
  private static MeasureProgress.Weight weight(
      PasskeyTask task, DecoderSpec config, AttentionWindow window) {
    int length = task.trial().length();
    return new MeasureProgress.Weight(
        "",
        1,
        EvaluationCost.of(config, window, DType.F32, false, length).flop(),
        String.format(Locale.ROOT, "  length %,d", length));
  }

  @Override
  public CostEstimate estimate(ArtifactCatalog known) {
    known.model(model.toString());
    options.check(model.toString(), known);
    Map<Integer, Double> passes = new LinkedHashMap<>();
    grid().lengths().forEach(length -> passes.put(length, (double) depths * trials));
    return CostEstimate.of(model.toString(), passes);
  }

  private PasskeyGrid grid() {
    if (!(depths >= 1)) {
      throw BadInputException.of("--depths is %d: expected 1 or more.", depths);
    }
    if (!(trials >= 1)) {
      throw BadInputException.of("--trials is %d: expected 1 or more.", trials);
    }
    return new PasskeyGrid(List.copyOf(new LinkedHashSet<>(lengths)), depths, trials, seed);
  }

  /** The tokenizer of the prompts, and what they begin with. */
  private record Tokens(String tokenizerHash, @Nullable Integer bosTokenId) {}

  /** Checks that all prompts can be written. */
  private Tokens requireAskable(PasskeyGrid grid, Checkpoint checkpoint) {
    try (DocumentTokenizer tokenizer = DocumentTokenizer.open(checkpoint.directory())) {
      OptionalInt begin = bos.of(tokenizer);
      PasskeyPrompts prompts = new PasskeyPrompts(tokenizer, begin);
      grid.questions()
          .forEach(trial -> prompts.require(trial, checkpoint.config().vocabularySize()));
      return new Tokens(tokenizer.hash(), begin.isPresent() ? begin.getAsInt() : null);
    }
  }

  private void write(
      PasskeyMeasurement measurement, Map<Integer, FactorTable> factors, ObjectNode provenance)
      throws IOException {
    System.out.print(PasskeyReport.toText(measurement));
    String text =
        PasskeyReport.toJson(
            measurement,
            length ->
                Objects.requireNonNull(factors.get(length)).at(PasskeyPrompts.textLength(length)),
            provenance);
    measuring.writeText("passkey.csv", () -> PasskeyReport.toCsv(measurement), null);
    measuring.write("passkey.png", () -> PasskeyReport.toPng(measurement), plot);
    measuring.writeText("passkey.json", () -> text, json.file);
  }

  /** Returns everything that the results depend on, except for the factors. */
  private ObjectNode provenance(PasskeyGrid grid, String modelHash, Tokens tokens) {
    ObjectNode provenance = JsonNodeFactory.instance.objectNode();
    provenance.put("test", "passkey");
    provenance.put("model_sha256", modelHash);
    provenance.put("tokenizer_sha256", tokens.tokenizerHash());
    provenance.put("bos_token_id", tokens.bosTokenId());
    grid.lengths().forEach(provenance.putArray("lengths")::add);
    provenance.put("depths", depths);
    provenance.put("trials", trials);
    provenance.put("seed", seed);
    provenance.put("needle_only", needle);
    provenance.put("attention_window", AttentionWindow.parse(options.attentionWindow).toString());
    return provenance;
  }

  private static ObjectNode toJson(int length, FactorTable table) {
    ObjectNode json = JsonNodeFactory.instance.objectNode().put("length", length);
    for (FactorTable.Entry entry : table.entries()) {
      ObjectNode row = json.withArray("table").addObject().put("up_to", entry.length());
      RescalingJson.put(row, entry.rescaling());
    }
    return json;
  }
}
