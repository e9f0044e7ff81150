package org.longrope.eval.checkpoint;

import java.nio.file.Files;
import java.nio.file.Path;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import org.jspecify.annotations.Nullable;
import org.longrope.eval.BadInputException;
import org.longrope.eval.Sha256;
import org.longrope.eval.family.DecoderSpec;
import org.longrope.eval.family.DecoderSpecReader;
import org.longrope.eval.family.TensorNames;
import org.longrope.eval.family.TensorPart;
import org.longrope.eval.rope.RopeScaling;

/**
 * Hugging Face checkpoint directory, whose config.json and safetensors headers have been checked
 * against each other. Weights stay in their files until a {@link TensorView} is mapped, so a model
 * larger than memory can be opened. Safe for use by several threads.
 */
public final class Checkpoint {
  private static final String CONFIG = "config.json";

  private final Path directory;
  private final DecoderSpec config;
  private final List<Path> weightFiles;
  private final Map<String, TensorView> tensors = new HashMap<>();
  private @Nullable String sha256;

  private Checkpoint(Path directory, DecoderSpec config, WeightFiles files) {
    this.directory = directory;
    this.config = config;
    this.weightFiles = files.paths();
    for (TensorPart part : config.weights()) {
      tensors.computeIfAbsent(part.tensor(), name -> files.view(name, part.shape()));
    }
  }

  /**
   * Opens a directory with config.json and model.safetensors, or model.safetensors.index.json and
   * its shards.
   *
   * @throws BadInputException if the model is of a kind that is not supported, or a file is missing
   *     or damaged, or a tensor is missing, misshapen or read by nothing
   */
  public static Checkpoint open(Path directory) {
    if (!Files.isDirectory(directory)) {
      throw BadInputException.of(
          "No directory %s: expected a Hugging Face checkpoint with config.json and"
              + " model.safetensors; check the path.",
          directory);
    }
    WeightFiles.rejectOtherFormats(directory);
    Path configFile = directory.resolve(CONFIG);
    if (!Files.isRegularFile(configFile)) {
      throw BadInputException.of(
          "No %s in %s: expected the directory of a Hugging Face checkpoint; fetch the file or"
              + " check the path.",
          CONFIG, directory);
    }
    // A model that is refused is refused without a look at its weights.
    DecoderSpec config = DecoderSpecReader.read(configFile, TensorNames.UNKNOWN);
    WeightFiles files = WeightFiles.open(directory);
    config = DecoderSpecReader.read(configFile, files.tensorNames());
    return new Checkpoint(directory, config, files);
  }

  /**
   * Opens a directory whose {@link #sha256} the caller has just computed.
   *
   * @throws BadInputException as {@link #open(Path)}
   */
  public static Checkpoint open(Path directory, String sha256) {
    Checkpoint checkpoint = open(directory);
    checkpoint.sha256 = sha256;
    return checkpoint;
  }

  public Path directory() {
    return directory;
  }

  public DecoderSpec config() {
    return config;
  }

  /** Returns whether the model was extended: config.json holds its rescale factors. */
  public boolean isExtended() {
    return config.rope().scaling() instanceof RopeScaling.LongRope;
  }

  /**
   * Rejects a model that was extended.
   *
   * @throws BadInputException if it was
   */
  public Checkpoint requireOriginal() {
    if (isExtended()) {
      throw BadInputException.of(
          "%s in %s already rescales its positions: expected the original model; take the model"
              + " before extension.",
          CONFIG, directory);
    }
    return this;
  }

  /** Returns the rows of a weight of this config. */
  public TensorView view(TensorPart part) {
    return part.isWhole()
        ? whole(part)
        : whole(part).flattened(part.leading()).slice(part.from(), part.to());
  }

  /** Returns the stored tensor of a part, which may be some of its rows. */
  public TensorView whole(TensorPart part) {
    TensorView tensor = tensors.get(part.tensor());
    if (tensor == null) {
      throw new IllegalArgumentException("No tensor " + part.tensor() + " in this architecture");
    }
    return tensor;
  }

  /** Returns the stored type of the embedding, which is by custom that of all weights. */
  public DType dtype() {
    return whole(config.embedding()).dtype();
  }

  /** Returns the number of weights; a tied embedding counts once. */
  public long parameterCount() {
    return tensors.values().stream().mapToLong(TensorView::elements).sum();
  }

  /** Returns the bytes of the weights as they are stored. */
  public long weightBytes() {
    return tensors.values().stream()
        .mapToLong(view -> view.elements() * view.dtype().bytes())
        .sum();
  }

  /**
   * Returns the hash that results carry: SHA-256 over the names and bytes of config.json and the
   * weight files in the order of their names. The first call reads all of them.
   */
  public synchronized String sha256() {
    if (sha256 == null) {
      Sha256 hash = new Sha256().add(CONFIG).addFile(directory.resolve(CONFIG));
      for (Path file : weightFiles) {
        hash.add(String.valueOf(file.getFileName())).addFile(file);
      }
      sha256 = hash.hex();
    }
    return sha256;
  }
}
