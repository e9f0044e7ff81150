package org.longrope.eval.checkpoint;

import com.fasterxml.jackson.databind.JsonNode;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.Set;
import java.util.TreeMap;
import java.util.stream.Stream;
import org.longrope.eval.BadInputException;
import org.longrope.eval.StrictJson;
import org.longrope.eval.family.TensorNames;

/**
 * Safetensors files of one checkpoint directory: model.safetensors if it exists, else the shards
 * that model.safetensors.index.json names, as in Hugging Face.
 */
final class WeightFiles {
  private static final String SINGLE = "model.safetensors";
  private static final String INDEX = "model.safetensors.index.json";
  private static final String SUFFIX = ".safetensors";
  private static final Set<String> QUANTISED_TYPES =
      Set.of("I8", "U8", "F4", "F6_E2M3", "F6_E3M2", "F8_E5M2", "F8_E4M3", "F8_E8M0");
  private static final List<String> QUANTISED_NAMES = List.of(".qweight", ".qzeros", ".scales");

  /** File that should list every tensor; messages about missing ones name it. */
  private final Path listing;

  private final Map<String, SafetensorsFile> holders = new HashMap<>();
  private final Map<String, SafetensorsFile> files = new TreeMap<>();

  private WeightFiles(Path listing) {
    this.listing = listing;
  }

  /**
   * Rejects a directory whose only weights are of another format.
   *
   * @throws BadInputException if there are GGUF or pickle files and no safetensors
   */
  static void rejectOtherFormats(Path directory) {
    List<String> names;
    try (Stream<Path> paths = Files.list(directory)) {
      names = paths.map(path -> String.valueOf(path.getFileName())).sorted().toList();
    } catch (IOException e) {
      throw new UncheckedIOException("Cannot list " + directory, e);
    }
    if (names.stream().anyMatch(name -> name.endsWith(SUFFIX) || name.equals(INDEX))) {
      return;
    }
    for (String name : names) {
      if (name.endsWith(".gguf")) {
        throw BadInputException.of(
            "%s holds a GGUF model (%s): expected safetensors; take the Hugging Face checkpoint"
                + " that it was made from.",
            directory, name);
      }
      if (name.endsWith(".bin") || name.endsWith(".pth") || name.endsWith(".pt")) {
        throw BadInputException.of(
            "%s holds a pickle checkpoint (%s), which could run any code: expected safetensors;"
                + " convert it with save_pretrained of Hugging Face transformers.",
            directory, name);
      }
    }
  }

  /**
   * Opens the weight files of a directory.
   *
   * @throws BadInputException if there are no safetensors, or they are damaged or quantised
   */
  static WeightFiles open(Path directory) {
    Path single = directory.resolve(SINGLE);
    Path index = directory.resolve(INDEX);
    if (Files.isRegularFile(single)) {
      WeightFiles weights = new WeightFiles(single);
      SafetensorsFile file = weights.file(SINGLE, single);
      file.names().forEach(name -> weights.holders.put(name, file));
      return weights;
    }
    if (Files.isRegularFile(index)) {
      WeightFiles weights = new WeightFiles(index);
      weights.readIndex(directory);
      return weights;
    }
    throw BadInputException.of(
        "No %s or %s in %s: expected the weights of a Hugging Face checkpoint; fetch them.",
        SINGLE, INDEX, directory);
  }

  private void readIndex(Path directory) {
    JsonNode weightMap = StrictJson.readObject(listing).path("weight_map");
    if (!weightMap.isObject()) {
      throw BadInputException.of(
          "%s has no weight_map: expected an object from tensor to file names; fetch it again.",
          listing);
    }
    weightMap
        .properties()
        .forEach(
            field -> {
              String tensor = field.getKey();
              SafetensorsFile shard = shard(directory, tensor, field.getValue());
              if (!shard.contains(tensor)) {
                throw BadInputException.of(
                    "Tensor '%s' is not in %s, where %s places it: fetch both again.",
                    tensor, shard.path(), listing);
              }
              holders.put(tensor, shard);
            });
  }

  private SafetensorsFile shard(Path directory, String tensor, JsonNode value) {
    String name = value.asText();
    // A plain name only: an index must not reach outside its directory.
    if (!value.isTextual() || !name.matches("[\\w. +-]+\\.safetensors")) {
      throw BadInputException.of(
          "%s places tensor '%s' in %s: expected the plain name of a .safetensors file in its"
              + " directory; fetch it again.",
          listing, tensor, StrictJson.brief(value));
    }
    Path path = directory.resolve(name);
    if (!Files.isRegularFile(path)) {
      throw BadInputException.of(
          "No %s in %s: expected it for tensor '%s' because %s names it; fetch the missing file.",
          name, directory, tensor, INDEX);
    }
    return file(name, path);
  }

  private SafetensorsFile file(String name, Path path) {
    SafetensorsFile known = files.get(name);
    if (known != null) {
      return known;
    }
    SafetensorsFile file = SafetensorsFile.open(path);
    for (String tensor : file.names()) {
      String dtype = file.dtype(tensor);
      if (QUANTISED_TYPES.contains(dtype) || QUANTISED_NAMES.stream().anyMatch(tensor::endsWith)) {
        throw BadInputException.of(
            "Tensor '%s' in %s is quantised (%s): expected weights in F32, F16 or BF16; take the"
                + " model before quantisation.",
            tensor, path, dtype);
      }
    }
    files.put(name, file);
    return file;
  }

  /**
   * Returns the tensor of a name and shape.
   *
   * @throws BadInputException if it is missing or its shape or element type is another
   */
  TensorView view(String name, List<Long> shape) {
    SafetensorsFile holder = holders.get(name);
    if (holder == null) {
      throw BadInputException.of(
          "No tensor '%s' in %s: expected it with shape %s by config.json; fetch the file and"
              + " config.json again, from one place.",
          name, listing, shape);
    }
    TensorView view = holder.view(name);
    if (!view.shape().equals(shape)) {
      throw BadInputException.of(
          "Tensor '%s' in %s has shape %s: expected %s by config.json; fetch the file and"
              + " config.json again, from one place.",
          name, holder.path(), view.shape(), shape);
    }
    return view;
  }

  /** Returns the names of all tensors. */
  TensorNames tensorNames() {
    List<String> pair = TensorNames.embeddingAndHead(holders.keySet());
    boolean different = pair.isEmpty() || !isSame(pair.get(0), pair.get(1));
    return new TensorNames(holders.keySet(), different, listing.toString());
  }

  /** Compares two tensors by their bytes. */
  private boolean isSame(String one, String other) {
    TensorView first = Objects.requireNonNull(holders.get(one)).view(one);
    TensorView second = Objects.requireNonNull(holders.get(other)).view(other);
    if (first.dtype() != second.dtype() || !first.shape().equals(second.shape())) {
      return false;
    }
    return RowRange.pieces(first.rows(), first.rowBytes()).stream()
        .allMatch(
            piece ->
                first.rows(piece.from(), piece.to()).equals(second.rows(piece.from(), piece.to())));
  }

  /** Returns the weight files in the order of their names. */
  List<Path> paths() {
    return files.values().stream().map(SafetensorsFile::path).toList();
  }
}
