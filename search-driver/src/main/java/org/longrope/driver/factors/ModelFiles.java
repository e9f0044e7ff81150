package org.longrope.driver.factors;

import com.fasterxml.jackson.core.JsonProcessingException;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.TreeSet;
import java.util.function.Predicate;
import java.util.regex.Pattern;
import java.util.stream.Stream;
import org.longrope.driver.store.files.StoredFile;
import org.longrope.eval.BadInputException;

/** Files of a Hugging Face directory that a loader reads in addition to config.json. */
public final class ModelFiles {
  private static final String SINGLE = "model.safetensors";
  private static final String INDEX = "model.safetensors.index.json";

  /** Tokenizer, generation settings, the model's own code, and the licence that goes with it. */
  private static final Pattern SMALL =
      Pattern.compile(
          "tokenizer.*|generation_config\\.json|special_tokens_map\\.json|added_tokens\\.json"
              + "|vocab\\.(json|txt)|merges\\.txt|chat_template.*|tekken\\.json|.*\\.tiktoken"
              + "|(sentencepiece|spiece).*\\.model|[A-Za-z]\\w*\\.py"
              + "|(LICEN[CS]E|NOTICE|USE_POLICY).*");

  private static final Pattern PLAIN = Pattern.compile("[\\w. +-]+\\.safetensors");

  private ModelFiles() {}

  /** Lists all files but config.json and weights, by name. */
  public static List<Path> small(Path model) {
    return list(model, name -> SMALL.matcher(name).matches());
  }

  /**
   * Lists the weights in safetensors, as transformers chooses them: one file, else the shards of an
   * index and the index. Empty where the directory has neither; a shard may be missing.
   *
   * @throws BadInputException if the index is damaged
   */
  static List<Path> weights(Path model) {
    if (Files.isRegularFile(model.resolve(SINGLE))) {
      return List.of(model.resolve(SINGLE));
    }
    Path index = model.resolve(INDEX);
    if (!Files.isRegularFile(index)) {
      return List.of();
    }
    TreeSet<String> names = new TreeSet<>();
    try {
      FactorJson.parse(FactorFile.text(StoredFile.of(index), "the names of shards"))
          .path("weight_map")
          .forEach(shard -> names.add(shard.asText()));
    } catch (JsonProcessingException e) {
      throw new BadInputException(
          "Cannot read " + index + ": it is not JSON; fetch the model's index again.", e);
    }
    // Plain names only: an index must not reach outside its directory.
    names.removeIf(name -> !PLAIN.matcher(name).matches());
    names.add(INDEX);
    return names.stream().map(model::resolve).toList();
  }

  /** Lists all weights that a loader could read, by name. */
  static List<Path> allWeights(Path directory) {
    return list(directory, name -> name.equals(INDEX) || name.endsWith(".safetensors"));
  }

  private static List<Path> list(Path directory, Predicate<String> wanted) {
    if (!Files.isDirectory(directory)) {
      return List.of();
    }
    try (Stream<Path> files = Files.list(directory)) {
      return files
          .filter(file -> wanted.test(String.valueOf(file.getFileName())))
          .filter(Files::isRegularFile)
          .sorted()
          .toList();
    } catch (IOException e) {
      throw new UncheckedIOException("Cannot list " + directory, e);
    }
  }
}
