package org.longrope.driver.cli;

import com.fasterxml.jackson.databind.node.JsonNodeFactory;
import com.fasterxml.jackson.databind.node.ObjectNode;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Collections;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.concurrent.Callable;
import java.util.function.Function;
import org.jspecify.annotations.Nullable;
import org.longrope.driver.passkey.PasskeyMeasurement;
import org.longrope.driver.passkey.PasskeyReport;
import org.longrope.driver.perplexity.RescalingByLength;
import org.longrope.driver.run.Versions;
import org.longrope.eval.BadInputException;
import org.longrope.eval.checkpoint.Checkpoint;
import org.longrope.eval.decoder.AttentionWindow;
import org.longrope.eval.decoder.Libtorch;
import org.longrope.eval.decoder.ResidentModel;
import org.longrope.eval.decoder.StopSignal;
import org.longrope.eval.passkey.Passkey;
import org.longrope.eval.passkey.PasskeyGrid;
import org.longrope.eval.passkey.PasskeyPrompts;
import org.longrope.eval.passkey.PasskeyResult;
import org.longrope.eval.passkey.PasskeyTrial;
import org.longrope.eval.rope.FactorTable;
import org.longrope.eval.rope.RopeGeometry;
import org.longrope.eval.tokenizer.DocumentTokenizer;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Option;

@Command(
    name = "passkey",
    description =
        "Measures whether a number hidden in a long text is retrieved, by length and depth.")
final class PasskeyCommand implements Callable<Integer> {
  @Option(names = "--model", required = true, paramLabel = "DIR", description = "Checkpoint.")
  Path model = Path.of("");

  @Option(
      names = "--lengths",
      required = true,
      split = ",",
      paramLabel = "N",
      description = "Tokens of prompt and answer, BOS included; several by commas.")
  List<Integer> lengths = new ArrayList<>();

  @Option(
      names = "--depths",
      paramLabel = "N",
      description =
          "Places of the key, evenly from the filler's begin to its end; default ${DEFAULT-VALUE}.")
  int depths = 10;

  @Option(
      names = "--trials",
      paramLabel = "N",
      description = "Keys at each length and depth; default ${DEFAULT-VALUE}.")
  int trials = 10;

  @Option(
      names = "--needle",
      description = {
        "Measure only how likely the key is, without generating an answer:",
        "the keys and values of one layer at a time are enough."
      })
  boolean needle;

  @Mixin RescalingOptions options = new RescalingOptions();

  @Option(names = "--threads", paramLabel = "N", description = "Default: all cores.")
  int threads = Runtime.getRuntime().availableProcessors();

  @Option(
      names = "--seed",
      paramLabel = "N",
      description = "Of the keys; default ${DEFAULT-VALUE}.")
  long seed = 42;

  @Option(names = "--json", paramLabel = "FILE", description = "Write the results there.")
  @Nullable Path json;

  @Option(
      names = "--plot",
      paramLabel = "FILE",
      description = "Draw the results there, a PNG of length by depth.")
  @Nullable Path plot;

  @Mixin CommonOptions common = new CommonOptions();

  @Override
  public Integer call() throws IOException {
    AttentionWindow window = AttentionWindow.parse(options.attentionWindow);
    PasskeyGrid grid = grid();
    OutputFile.requireWritable("--json", json);
    OutputFile.requireWritable("--plot", plot);
    Checkpoint checkpoint = Checkpoint.open(model);
    RescalingByLength rescaling = options.read(checkpoint);
    try (DocumentTokenizer tokenizer = DocumentTokenizer.open(model)) {
      PasskeyPrompts prompts = new PasskeyPrompts(tokenizer);
      grid.questions()
          .forEach(trial -> prompts.require(trial, checkpoint.config().vocabularySize()));
      Libtorch.useThreads(threads);
      int longest = Collections.max(grid.lengths());
      try (ResidentModel resident = ResidentModel.load(checkpoint, window, longest)) {
        if (!needle) {
          resident.requireSession(longest);
        }
        Passkey passkey = new Passkey(resident, tokenizer);
        PasskeyMeasurement measurement =
            PasskeyMeasurement.measure(
                grid,
                needle,
                asked(passkey, rescaling, checkpoint.config().rope()),
                new PasskeyProgress(checkpoint.config(), window, grid));
        System.out.print(PasskeyReport.toText(measurement));
        write(
            measurement,
            rescaling,
            provenance(checkpoint, tokenizer, resident, rescaling),
            checkpoint.config().rope());
      }
    }
    return 0;
  }

  private PasskeyGrid grid() {
    if (!(depths >= 1)) {
      throw BadInputException.of("--depths is %d: expected 1 or more.", depths);
    }
    if (!(trials >= 1)) {
      throw BadInputException.of("--trials is %d: expected 1 or more.", trials);
    }
    if (!(threads >= 1)) {
      throw BadInputException.of("--threads is %d: expected 1 or more.", threads);
    }
    return new PasskeyGrid(List.copyOf(new LinkedHashSet<>(lengths)), depths, trials, seed);
  }

  private Function<PasskeyTrial, PasskeyResult> asked(
      Passkey passkey, RescalingByLength rescaling, RopeGeometry rope) {
    return trial -> {
      FactorTable factors = rescaling.table(trial.length(), rope);
      return needle
          ? passkey.needle(
              trial, factors.at(PasskeyPrompts.textLength(trial.length())), StopSignal.NEVER)
          : passkey.retrieve(trial, factors, StopSignal.NEVER);
    };
  }

  private void write(
      PasskeyMeasurement measurement,
      RescalingByLength rescaling,
      ObjectNode provenance,
      RopeGeometry rope)
      throws IOException {
    if (json != null) {
      String text =
          PasskeyReport.toJson(
              measurement,
              length -> rescaling.table(length, rope).at(PasskeyPrompts.textLength(length)),
              provenance);
      OutputFile.write(json, text.getBytes(StandardCharsets.UTF_8));
    }
    if (plot != null) {
      OutputFile.write(plot, PasskeyReport.toPng(measurement));
    }
  }

  private ObjectNode provenance(
      Checkpoint checkpoint,
      DocumentTokenizer tokenizer,
      ResidentModel resident,
      RescalingByLength rescaling) {
    ObjectNode provenance = JsonNodeFactory.instance.objectNode();
    provenance.put("model", model.toString());
    provenance.put("model_sha256", checkpoint.sha256());
    provenance.put("tokenizer_sha256", tokenizer.hash());
    provenance.put("method", rescaling.name());
    provenance.put("attention_window", options.attentionWindow);
    provenance.put("dtype", resident.computeType());
    provenance.put("threads", threads);
    provenance.put("seed", seed);
    provenance.put("needle_only", needle);
    provenance.set("versions", Versions.toJson());
    return provenance;
  }
}
