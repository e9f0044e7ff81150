package org.longrope.driver.report.html;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.json.JsonMapper;
import com.fasterxml.jackson.databind.node.JsonNodeFactory;
import com.fasterxml.jackson.databind.node.ObjectNode;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Locale;
import org.longrope.driver.measure.passkey.PasskeyMeasurement;
import org.longrope.driver.measure.passkey.PasskeyReport;
import org.longrope.eval.passkey.PasskeyGrid;
import org.longrope.eval.passkey.PasskeyResult;
import org.longrope.eval.rope.RescaleFactors;
import org.longrope.eval.rope.Rescaling;

/** The output directory of a recipe, step by step as 'extend' leaves it. */
final class TinyRecipe {
  private static final JsonMapper JSON = new JsonMapper();
  static final String MODEL = "/models/original";

  final Path directory;
  final ObjectNode summary = JSON.createObjectNode();

  TinyRecipe(Path directory, String name) throws IOException {
    this.directory = directory;
    Files.createDirectories(directory);
    summary.put("recipe", name).put("finished", true);
    summary.putArray("steps");
    summary.putArray("perplexity");
    summary.putObject("versions").put("longrope", "0.1.0").put("java", "17");
    Files.writeString(directory.resolve("recipe.json"), "{\"name\": \"as asked\"}");
  }

  /** One of everything: searched, fine-tuned, and measured before and after. */
  static TinyRecipe whole(Path directory) throws IOException {
    TinyRecipe recipe = new TinyRecipe(directory, "tiny <b>recipe</b> & more");
    recipe.step("evaluation", "prepare", "done", 12);
    TinySearch.copyTo(recipe.step("first", "search", "done", 3723, "evaluation"));
    recipe.perplexity("before", MODEL, "none", "d0", 3.25, 17.5);
    recipe.finetune("tuned");
    recipe.perplexity("after", "@tuned", "none", "d0", 3.5, 4.125);
    recipe.passkey("keys-before", MODEL, 64);
    recipe.passkey("keys-after", directory.resolve("tuned").toString(), 128);
    recipe.benchmark("short-before", MODEL, 0.5, 1000);
    recipe.benchmark("short-after", directory.resolve("tuned").toString(), 0.4875, 1000);
    recipe.write();
    return recipe;
  }

  /** Adds a step and makes its folder. */
  Path step(String name, String command, String state, double seconds, String... needs)
      throws IOException {
    ObjectNode step = summary.withArray("steps").addObject();
    step.put("name", name).put("command", command).put("state", state);
    step.putArray("arguments").add("--output").add("a b");
    List.of(needs).forEach(step.putArray("needs")::add);
    if (!state.equals("pending")) {
      step.put("inputs_sha256", "1111222233334444").put("output_sha256", "5555666677778888");
      step.put("output", directory.resolve(name).toString());
      step.put("seconds", seconds);
    }
    return Files.createDirectories(directory.resolve(name));
  }

  /** At 64 and 128 tokens. */
  void perplexity(
      String name, String model, String method, String dataHash, double at64, double at128)
      throws IOException {
    Path folder = step(name, "perplexity", "done", 5, "evaluation");
    ObjectNode json = JSON.createObjectNode();
    double[] perplexities = {at64, at128};
    for (int i = 0; i < 2; i++) {
      int length = 64 << i;
      json.withArray("results")
          .addObject()
          .put("method", method)
          .put("length", length)
          .put("perplexity", perplexities[i]);
      summary
          .withArray("perplexity")
          .addObject()
          .put("step", name)
          .put("model", model)
          .put("method", method)
          .put("length", length)
          .put("perplexity", perplexities[i])
          .put("tokens", 3 * (length - 1));
    }
    ObjectNode provenance = json.putObject("provenance");
    provenance.put("partition_sha256", dataHash).put("model_sha256", "a1b2c3d4e5f6a7b8");
    provenance.put("dtype", "f32").putArray("protocols").add("truncated(64)").add("truncated(128)");
    write(folder.resolve("perplexity.json"), json);
  }

  private void finetune(String name) throws IOException {
    Path folder = step(name, "finetune", "done", 60, "first");
    ObjectNode json = JSON.createObjectNode();
    json.put("model", "0123456789abcdef").put("data", "fedcba9876543210").put("dtype", "f32");
    json.putObject("plan")
        .put("steps", 30)
        .put("length", 128)
        .put("batch", 4)
        .put("learningRate", 2e-5)
        .put("seed", 7);
    write(folder.resolve("training.json"), json);
    StringBuilder curve = new StringBuilder();
    for (int s = 1; s <= 30; s++) {
      curve.append(String.format(Locale.ROOT, "%d,%.6f,1.0,2e-5%n", s, 2 + 1.0 / s));
    }
    Files.writeString(folder.resolve("training.csv"), curve);
  }

  /** A model that knows the key up to a length. */
  private void passkey(String name, String model, int reach) throws IOException {
    Path folder = step(name, "passkey", "done", 9);
    PasskeyGrid grid = new PasskeyGrid(List.of(64, 128), 3, 2, 42);
    PasskeyMeasurement measurement =
        new PasskeyMeasurement(
            grid,
            false,
            grid.questions().stream()
                .map(
                    trial ->
                        new PasskeyResult(
                            trial,
                            trial.length() <= reach ? " " + trial.key() : " no",
                            trial.length(),
                            6))
                .toList());
    ObjectNode provenance = JsonNodeFactory.instance.objectNode();
    provenance.put("model", model).put("model_sha256", "aaaa").put("seed", 42).put("dtype", "f32");
    Files.writeString(
        folder.resolve("passkey.json"),
        PasskeyReport.toJson(
            measurement, length -> new Rescaling(RescaleFactors.of(1, 1), 0, 1), provenance));
    Files.write(folder.resolve("passkey.png"), PasskeyReport.toPng(measurement));
    Files.writeString(folder.resolve("passkey.csv"), "length,depth\n");
  }

  void benchmark(String name, String model, double value, int items) throws IOException {
    Path folder = step(name, "benchmark", "done", 9);
    ObjectNode json = JSON.createObjectNode();
    json.withArray("results")
        .addObject()
        .put("task", "arc_challenge")
        .put("metric", "acc_norm")
        .put("value", value)
        .put("standard_error", 0.0142)
        .put("items", items)
        .put("shots", 25);
    json.putObject("provenance").put("model", model).put("model_sha256", "bbbb");
    write(folder.resolve("benchmark.json"), json);
  }

  void write() throws IOException {
    write(directory.resolve("summary.json"), summary);
  }

  private static void write(Path file, JsonNode json) throws IOException {
    Files.write(file, json.toPrettyString().getBytes(StandardCharsets.UTF_8));
  }
}
