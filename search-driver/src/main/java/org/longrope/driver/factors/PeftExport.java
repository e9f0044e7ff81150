package org.longrope.driver.factors;

import com.fasterxml.jackson.databind.node.JsonNodeFactory;
import com.fasterxml.jackson.databind.node.ObjectNode;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;
import java.util.TreeSet;
import java.util.regex.Pattern;
import org.longrope.driver.store.files.StoredFile;
import org.longrope.driver.store.files.WorkingCopy;
import org.longrope.eval.BadInputException;
import org.longrope.eval.checkpoint.DType;
import org.longrope.eval.checkpoint.SafetensorsWriter;
import org.longrope.eval.family.DecoderSpec;
import org.longrope.eval.family.LayerSpec;
import org.longrope.eval.family.LayerWeight;
import org.longrope.eval.family.QueryFolding;
import org.longrope.eval.family.TensorPart;
import org.longrope.eval.rope.QueryScales;

/**
 * Query scales as an (IA)³ adapter of Hugging Face PEFT, which multiplies the outputs of linear
 * modules: the query projections', biases included. The model's files stay as they are.
 */
final class PeftExport {
  static final String CONFIG = "adapter_config.json";
  private static final String WEIGHTS = "adapter_model.safetensors";

  /** OWNER/NAME, as Hugging Face spells a repository. */
  private static final Pattern REPOSITORY = Pattern.compile("[\\w-][\\w.-]*/[\\w-][\\w.-]*");

  private static final String SUFFIX = ".weight";

  /** Factors on the outputs of each module, by its name. */
  private final Map<String, double[]> modules = new TreeMap<>();

  private final String model;

  /**
   * Computes the adapter.
   *
   * @param name of the model, where its config.json names no repository
   * @throws BadInputException if a linear module's outputs are not what the scales multiply
   */
  PeftExport(ModelConfigText config, String name, QueryScales scales) {
    DecoderSpec spec = config.spec();
    QueryFolding folding = QueryFolding.of(spec);
    folding.require(scales);
    if (!folding.isInProjection()) {
      throw BadInputException.of(
          "Cannot export query scales to peft for a %s: they belong in its norm of queries, which"
              + " (IA)³ cannot multiply; take --format hf.",
          spec.modelType());
    }
    if (config.isNested()) {
      throw BadInputException.of(
          "Cannot export query scales to peft for %s: its decoder is a part of a larger model"
              + " (text_config), whose other parts have modules of the same names; take --format"
              + " hf.",
          config.file());
    }
    String repository = config.json().path("_name_or_path").asText("");
    model = REPOSITORY.matcher(repository).matches() ? repository : name;
    for (LayerSpec layer : spec.layers()) {
      TensorPart query = layer.parts(LayerWeight.WQ).get(0);
      double[] ones = new double[Math.toIntExact(query.shape().get(0))];
      Arrays.fill(ones, 1);
      modules.put(query.tensor(), ones);
    }
    for (QueryFolding.Rows rows : folding.rows(scales)) {
      if (rows.weight() == LayerWeight.WQ) {
        double[] outputs = modules.get(rows.part().tensor());
        int from = Math.toIntExact(rows.part().from());
        System.arraycopy(rows.multipliers(), 0, outputs, from, rows.multipliers().length);
      }
    }
  }

  /**
   * Writes the adapter's directory.
   *
   * @return sentences about the written files
   */
  List<String> write(StoredFile output) throws IOException {
    try (WorkingCopy copy = WorkingCopy.of(output)) {
      writeWeights(copy.path().resolve(WEIGHTS));
      WholeFile.write(copy.path().resolve(CONFIG), config());
      copy.publishAll(name -> name.equals(CONFIG));
    }
    return List.of(
        "Wrote " + output + ": " + CONFIG + ", " + WEIGHTS,
        "The adapter has the query scales alone: the factors belong in the config.json of its base"
            + " model, which export --format hf --without-query-scales writes");
  }

  private byte[] config() {
    ObjectNode config = JsonNodeFactory.instance.objectNode();
    config.put("peft_type", "IA3");
    config.put("task_type", "CAUSAL_LM");
    config.put("base_model_name_or_path", model);
    TreeSet<String> names = new TreeSet<>();
    modules.keySet().forEach(tensor -> names.add(lastName(module(tensor))));
    names.forEach(config.putArray("target_modules")::add);
    config.putArray("feedforward_modules");
    config.put("fan_in_fan_out", false);
    config.put("init_ia3_weights", true);
    config.put("inference_mode", true);
    return (config.toPrettyString() + "\n").getBytes(StandardCharsets.UTF_8);
  }

  /** Writes the factors: ia3_l [out, 1] of each module, float32. */
  private void writeWeights(Path file) throws IOException {
    List<SafetensorsWriter.Entry> entries = new ArrayList<>();
    modules.forEach(
        (tensor, outputs) ->
            entries.add(
                new SafetensorsWriter.Entry(
                    "base_model.model." + module(tensor) + ".ia3_l",
                    DType.F32,
                    List.of((long) outputs.length, 1L),
                    List.of(bytes(outputs)))));
    SafetensorsWriter.write(file, Map.of("format", "pt"), entries);
  }

  private static ByteBuffer bytes(double[] values) {
    ByteBuffer bytes =
        ByteBuffer.allocate(Float.BYTES * values.length).order(ByteOrder.LITTLE_ENDIAN);
    for (double value : values) {
      bytes.putFloat((float) value);
    }
    return bytes.flip();
  }

  private static String module(String tensor) {
    return tensor.substring(0, tensor.length() - SUFFIX.length());
  }

  private static String lastName(String module) {
    return module.substring(module.lastIndexOf('.') + 1);
  }
}
