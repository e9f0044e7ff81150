package org.longrope.driver.training;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.json.JsonMapper;
import com.fasterxml.jackson.databind.node.ObjectNode;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Path;
import java.util.Map;
import org.jspecify.annotations.Nullable;
import org.longrope.eval.checkpoint.Checkpoint;
import org.longrope.eval.checkpoint.DType;
import org.longrope.eval.checkpoint.ModelConfig;
import org.longrope.eval.checkpoint.ModelConfigWriter;
import org.longrope.eval.training.FloatTensor;
import org.longrope.eval.training.InitialWeights;
import org.longrope.eval.training.StateFiles;

/** The model that a training begins with: a new one, or a checkpoint. */
public sealed interface Origin {
  ModelConfig config();

  /** Weights by Hugging Face name. */
  Map<String, FloatTensor> weights();

  /** Directory of tokenizer.json on this host. */
  Path tokenizer();

  /** Location of the model, as it was named. */
  String location();

  /** What tells this model from others. */
  String identity();

  /** config.json of the trained model. */
  String configJson(DType type);

  /** Random weights of a seed. */
  record New(ModelConfig config, long seed, Path tokenizer, @Nullable Integer bosTokenId)
      implements Origin {
    @Override
    public Map<String, FloatTensor> weights() {
      return InitialWeights.of(config, seed);
    }

    @Override
    public String location() {
      return tokenizer.toString();
    }

    @Override
    public String identity() {
      return config + " from seed " + seed;
    }

    @Override
    public String configJson(DType type) {
      return ModelConfigWriter.toJson(config, type, bosTokenId, null);
    }
  }

  /**
   * A checkpoint's weights.
   *
   * @param location as it was named; a remote one is opened as a local copy
   */
  record Continued(Checkpoint checkpoint, String location) implements Origin {
    @Override
    public ModelConfig config() {
      return checkpoint.config();
    }

    @Override
    public Map<String, FloatTensor> weights() {
      return StateFiles.weightsOf(checkpoint);
    }

    @Override
    public Path tokenizer() {
      return checkpoint.directory();
    }

    @Override
    public String identity() {
      return checkpoint.sha256();
    }

    @Override
    public String configJson(DType type) {
      JsonMapper json = new JsonMapper();
      Path file = checkpoint.directory().resolve("config.json");
      try {
        JsonNode config = json.readTree(file.toFile());
        ((ObjectNode) config).put("torch_dtype", type.torchName());
        return json.writerWithDefaultPrettyPrinter().writeValueAsString(config) + "\n";
      } catch (IOException e) {
        throw new UncheckedIOException("Cannot read " + file, e);
      }
    }
  }
}
