package org.longrope.driver.lab.bench;

import com.fasterxml.jackson.databind.json.JsonMapper;
import com.fasterxml.jackson.databind.node.ObjectNode;
import java.io.IOException;
import java.io.InputStream;
import java.io.UncheckedIOException;
import java.util.Arrays;
import java.util.List;
import java.util.stream.Collectors;
import org.longrope.eval.BadInputException;
import org.longrope.eval.family.LlamaShape;

/**
 * Shape of a published model in a size that suits the machine, whose weights are random. All but
 * Llama's are config.json files beside this class: the proportions of Qwen3 0.6B, Gemma 2 2B,
 * Mixtral 8x7B and gpt-oss 20B with fewer layers, a vocabulary of 32,000, and all but Qwen3's at a
 * half or a quarter of the width.
 */
public enum BenchShape {
  LLAMA("llama"),
  QWEN3("qwen3"),
  GEMMA2("gemma2"),
  MIXTRAL("mixtral"),
  GPT_OSS("gpt-oss");

  private static final int VOCABULARY = 32_000;

  private final String name;

  BenchShape(String name) {
    this.name = name;
  }

  /**
   * Model to measure.
   *
   * @param name in the table: its width and layers
   * @param config its config.json
   */
  public record Named(String name, ObjectNode config) {}

  /**
   * Returns the shape of a name.
   *
   * @throws BadInputException if there is none
   */
  public static BenchShape of(String name) {
    return Arrays.stream(values())
        .filter(shape -> shape.name.equals(name))
        .findFirst()
        .orElseThrow(
            () ->
                BadInputException.of(
                    "--shapes has '%s': expected some of %s.",
                    name,
                    Arrays.stream(values())
                        .map(shape -> shape.name)
                        .collect(Collectors.joining(", "))));
  }

  /**
   * Returns the models to measure.
   *
   * @param gpu whether on a GPU, on which Llama's has the size of Llama 2 7B
   */
  public List<Named> models(boolean gpu) {
    if (this != LLAMA) {
      ObjectNode config = read(name + ".json");
      return List.of(new Named(label(name + "-", config), config));
    }
    return gpu
        ? List.of(llama(4096, 11_008, 32, 32, false))
        : List.of(llama(1024, 2816, 12, 16, false), llama(288, 768, 6, 6, true));
  }

  private static Named llama(int hidden, int inner, int layers, int heads, boolean tied) {
    ObjectNode config =
        new LlamaShape(hidden, inner, layers, heads, heads, VOCABULARY, tied, 10_000, 4096)
            .toJson();
    return new Named(label("", config), config);
  }

  private static String label(String prefix, ObjectNode config) {
    return prefix
        + config.get("hidden_size").asInt()
        + "x"
        + config.get("num_hidden_layers").asInt();
  }

  private static ObjectNode read(String resource) {
    try (InputStream stream = BenchShape.class.getResourceAsStream(resource)) {
      if (stream == null) {
        throw new IllegalStateException(resource + " is not on the class path");
      }
      return (ObjectNode) new JsonMapper().readTree(stream);
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
  }
}
