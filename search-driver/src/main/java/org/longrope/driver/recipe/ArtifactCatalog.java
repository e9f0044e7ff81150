package org.longrope.driver.recipe;

import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Collection;
import java.util.HashMap;
import java.util.HashSet;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import org.apache.hadoop.conf.Configuration;
import org.jspecify.annotations.Nullable;
import org.longrope.datasets.EvaluationPartition;
import org.longrope.driver.execution.worker.ModelCache;
import org.longrope.driver.factors.FactorFile;
import org.longrope.driver.factors.FactorSet;
import org.longrope.driver.store.files.FileLocation;
import org.longrope.eval.BadInputException;
import org.longrope.eval.checkpoint.Checkpoint;
import org.longrope.eval.family.DecoderSpec;

/**
 * Catalog of the files that a recipe's steps read, before the steps run: what an earlier step will
 * write, else what exists.
 */
public final class ArtifactCatalog {
  private final Configuration hadoop;
  private final Map<String, Model> models = new HashMap<>();
  private final Map<String, Factors> factors = new HashMap<>();
  private final Set<String> partitions = new HashSet<>();

  public ArtifactCatalog(Configuration hadoop) {
    this.hadoop = hadoop;
  }

  /**
   * Shape of a checkpoint.
   *
   * @param reach tokens that it was trained or fine-tuned for
   * @param extended whether it was fine-tuned with factors
   */
  public record Model(DecoderSpec config, int reach, boolean extended) {}

  /**
   * Shape of a factor file.
   *
   * @param length tokens for which they were found; null if the file does not have it
   */
  public record Factors(int pairs, @Nullable Integer length) {}

  public void promise(String path, Model model) {
    models.put(path, model);
  }

  public void promise(String path, Factors promised) {
    factors.put(path, promised);
  }

  public void promisePartition(String path) {
    partitions.add(path);
  }

  /**
   * Returns what is known of a file.
   *
   * @throws BadInputException if no step makes it and it does not exist
   */
  public Model model(String path) {
    Model promised = models.get(path);
    if (promised != null) {
      return promised;
    }
    Checkpoint checkpoint = ModelCache.ofHost().open(path, null, hadoop);
    int window = checkpoint.config().rope().originalWindow();
    boolean extended = checkpoint.isExtended();
    Integer length =
        extended
            ? FactorFile.read(checkpoint.directory().resolve("config.json"), warning -> {})
                .longest()
                .targetLength()
            : null;
    Model model = new Model(checkpoint.config(), length == null ? window : length, extended);
    models.put(path, model);
    return model;
  }

  /**
   * Returns what is known of a file.
   *
   * @throws BadInputException if no step makes it and it does not exist
   */
  public Factors factors(FileLocation path) {
    Factors promised = factors.get(path.toString());
    if (promised != null) {
      return promised;
    }
    FactorSet set = FactorFile.read(path.on(hadoop), warning -> {}).longest();
    return new Factors(set.factors().pairs(), set.targetLength());
  }

  /**
   * Returns the partition; empty if a step will make it.
   *
   * <p>Returns what is known of a file.
   *
   * @throws BadInputException if no step makes it and it does not exist
   */
  public Optional<EvaluationPartition> partition(String path) {
    if (partitions.contains(path) && !Files.isDirectory(Path.of(path))) {
      return Optional.empty();
    }
    return Optional.of(EvaluationPartition.open(new org.apache.hadoop.fs.Path(path), hadoop));
  }

  /**
   * Checks that factors have one number for each pair that a model rotates.
   *
   * @throws BadInputException if not
   */
  public void requirePairs(FileLocation path, String model) {
    int pairs = factors(path).pairs();
    int rotated = model(model).config().rope().pairs();
    if (pairs != rotated) {
      throw BadInputException.of(
          "Factors in %s don't fit %s: there are %d, the model rotates %d pairs; use factors that"
              + " were found for this model.",
          path, model, pairs, rotated);
    }
  }

  /**
   * Checks that all sets of a table have different lengths.
   *
   * @throws BadInputException if not
   */
  public void requireLengths(Collection<FileLocation> paths) {
    Map<Integer, FileLocation> byLength = new HashMap<>();
    for (FileLocation path : paths) {
      Integer length = factors(path).length();
      if (length == null || paths.size() == 1) {
        continue;
      }
      FileLocation other = byLength.put(length, path);
      if (other != null) {
        throw BadInputException.of(
            "%s and %s are both for %d tokens: expected factors of different target lengths.",
            other, path, length);
      }
    }
  }

  /** Registers another path of an entry. */
  public void alias(String promised, String path) {
    Model model = models.get(promised);
    if (model != null) {
      models.put(path, model);
    }
    Factors set = factors.get(promised);
    if (set != null) {
      factors.put(path, set);
    }
  }

  /**
   * Checks that at least one document is long enough.
   *
   * @param option that asks for the length, for the message
   * @throws BadInputException if the partition exists and all are shorter
   */
  public void requireLength(String path, String option, int length) {
    partition(path)
        .ifPresent(
            partition -> {
              int longest =
                  partition.documents().stream()
                      .mapToInt(document -> document.tokenCount())
                      .max()
                      .orElse(0);
              // A beginning-of-sequence token may come before them.
              if (longest + 1 < length) {
                throw BadInputException.of(
                    "%s is %d and the longest document of %s has %d tokens: expected a longer one;"
                        + " prepare such documents, or lower it.",
                    option, length, path, longest);
              }
            });
  }
}
