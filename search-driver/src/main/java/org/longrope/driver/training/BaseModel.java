package org.longrope.driver.training;

import com.fasterxml.jackson.databind.json.JsonMapper;
import com.fasterxml.jackson.databind.node.ObjectNode;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Path;
import java.util.Map;
import java.util.regex.Pattern;
import org.jspecify.annotations.Nullable;
import org.longrope.driver.store.files.FileLocation;
import org.longrope.eval.Sha256;
import org.longrope.eval.checkpoint.Checkpoint;
import org.longrope.eval.checkpoint.DType;
import org.longrope.eval.checkpoint.ModelConfigWriter;
import org.longrope.eval.family.DecoderSpec;
import org.longrope.eval.training.FloatTensor;
import org.longrope.eval.training.InitialWeights;
import org.longrope.eval.training.StateFiles;

/** The model that a training begins with: a new one, or a checkpoint. */
public sealed interface BaseModel {
  DecoderSpec config();

  /** Returns the weights by Hugging Face name. */
  Map<String, FloatTensor> weights();

  /** Returns the directory of tokenizer.json on this host. */
  Path tokenizer();

  /** Returns the location of the model as the user named it. */
  String location();

  /** Returns a text that identifies this model. */
  String identity();

  /** Returns a name without the folders of this host. */
  default String name() {
    FileLocation named = FileLocation.parse(location());
    return named.isRemote()
        ? location()
        : String.valueOf(named.local().toAbsolutePath().normalize().getFileName());
  }

  /** Returns config.json of the trained model. */
  String configJson(DType type);

  /**
   * Writes the type of the weights into a config.json: versions 4 and 5 of transformers use
   * different keys.
   */
  static void setType(ObjectNode config, DType type) {
    config.put("torch_dtype", type.torchName());
    if (config.has("dtype")) {
      // It takes precedence where both exist.
      config.put("dtype", type.torchName());
    }
  }

  /** Random weights of a seed. */
  record New(DecoderSpec config, long seed, Path tokenizer, @Nullable Integer bosTokenId)
      implements BaseModel {
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
      String shape = ModelConfigWriter.toJson(config, DType.F32, bosTokenId, null);
      return "a new model, config.json " + new Sha256().add(shape).hex() + ", from seed " + seed;
    }

    @Override
    public String configJson(DType type) {
      return ModelConfigWriter.toJson(config, type, bosTokenId, null);
    }
  }

  /**
   * Weights of a checkpoint.
   *
   * @param location as it was named; a remote one is opened as a local copy
   */
  record Continued(Checkpoint checkpoint, String location) implements BaseModel {
    /** OWNER/NAME, as Hugging Face spells a repository. */
    private static final Pattern REPOSITORY = Pattern.compile("[\\w-][\\w.-]*/[\\w-][\\w.-]*");

    @Override
    public DecoderSpec config() {
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

    /** Returns the repository that config.json names, which others can load; else the folder. */
    @Override
    public String name() {
      String repository = readConfig().path("_name_or_path").asText("");
      return REPOSITORY.matcher(repository).matches() ? repository : BaseModel.super.name();
    }

    @Override
    public String configJson(DType type) {
      ObjectNode config = readConfig();
      setType(config, type);
      return config.toPrettyString() + "\n";
    }

    private ObjectNode readConfig() {
      Path file = checkpoint.directory().resolve("config.json");
      try {
        return (ObjectNode) new JsonMapper().readTree(file.toFile());
      } catch (IOException e) {
        throw new UncheckedIOException("Cannot read " + file, e);
      }
    }
  }
}
