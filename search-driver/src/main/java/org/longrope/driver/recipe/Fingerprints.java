package org.longrope.driver.recipe;

import java.io.IOException;
import java.io.InputStream;
import java.io.UncheckedIOException;
import java.nio.ByteBuffer;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.TreeMap;
import org.apache.hadoop.conf.Configuration;
import org.apache.hadoop.fs.FileStatus;
import org.apache.hadoop.fs.FileSystem;
import org.apache.hadoop.fs.LocatedFileStatus;
import org.apache.hadoop.fs.RemoteIterator;
import org.longrope.datasets.EvaluationPartition;
import org.longrope.driver.execution.worker.ModelCache;
import org.longrope.driver.store.files.FileLocation;
import org.longrope.driver.store.files.WorkingCopy;
import org.longrope.eval.BadInputException;
import org.longrope.eval.Sha256;
import org.longrope.eval.checkpoint.Checkpoint;
import org.longrope.eval.tokenizer.DocumentTokenizer;

/**
 * SHA-256 of the files that steps read and write; partitions and checkpoints contain their hashes.
 */
final class Fingerprints {
  private static final Set<String> FILES =
      Set.of("input", "factors", "benchmarks", "config", "text", "token-ids");

  /** Options on which no number depends. */
  private static final Set<String> IRRELEVANT =
      Set.of(
          "master",
          "conf",
          "deadline",
          "timeout",
          "patience",
          "evaluation-cache",
          "ledger",
          "checkpoint-every",
          "json",
          "plot",
          "items",
          "verbose");

  private static final long READ_UP_TO = 1L << 30;

  private final Configuration hadoop;
  private final Map<String, String> checkpoints = new HashMap<>();

  Fingerprints(Configuration hadoop) {
    this.hadoop = hadoop;
  }

  /**
   * Returns the inputs on which a step's numbers depend, by option.
   *
   * @param results hash of the result of each earlier step, by step
   */
  Map<String, String> inputs(Step step, Map<String, String> results) {
    Map<String, String> inputs = new TreeMap<>();
    step.options()
        .forEach(
            (name, values) -> {
              if (!IRRELEVANT.contains(name)) {
                for (int i = 0; i < values.size(); i++) {
                  String key = values.size() == 1 ? name : name + "[" + i + "]";
                  inputs.put(key, input(name, values.get(i), results));
                }
              }
            });
    return inputs;
  }

  private String input(String option, String value, Map<String, String> results) {
    if (Step.isReference(value)) {
      return results.getOrDefault(Step.referred(value), "");
    }
    return switch (option) {
      case "model" -> checkpoint(value);
      case "tokenizer" -> tokenizer(value);
      case "data" -> partition(value);
      default -> FILES.contains(option) ? files(value) : value;
    };
  }

  /** Returns one hash of all inputs of a step. */
  static String of(StepCommand command, Map<String, String> inputs) {
    Sha256 hash = new Sha256().add(command.toString());
    new TreeMap<>(inputs).forEach((name, value) -> hash.add(name).add(value));
    return hash.hex();
  }

  /**
   * Returns the hash of a result.
   *
   * @throws BadInputException if it is missing or damaged
   */
  String result(Step step, Path path) {
    return switch (step.command()) {
      case PREPARE -> partition(path.toString());
      case FINETUNE -> checkpoint(path.toString());
      default -> files(path.toString());
    };
  }

  private String tokenizer(String location) {
    try (WorkingCopy copy = WorkingCopy.of(FileLocation.parse(location).on(hadoop))) {
      copy.fetchAll(name -> name.endsWith(".json"));
      return DocumentTokenizer.hash(copy.path());
    } catch (IOException e) {
      throw new UncheckedIOException("Cannot read the tokenizer in " + location, e);
    }
  }

  private String checkpoint(String location) {
    return checkpoints.computeIfAbsent(
        location,
        where -> {
          Checkpoint checkpoint = ModelCache.ofHost().open(where, null, hadoop);
          Path directory = checkpoint.directory();
          return DocumentTokenizer.isIn(directory)
              ? new Sha256().add(checkpoint.sha256()).add(DocumentTokenizer.hash(directory)).hex()
              : checkpoint.sha256();
        });
  }

  private String partition(String location) {
    return EvaluationPartition.open(new org.apache.hadoop.fs.Path(location), hadoop)
        .manifest()
        .contentHash();
  }

  /**
   * Hashes a file, all files in a directory, or the files of a pattern, on any Hadoop file system:
   * names and content, or for large data names, sizes and times of change.
   */
  private String files(String location) {
    org.apache.hadoop.fs.Path path = new org.apache.hadoop.fs.Path(location);
    try {
      FileSystem system = path.getFileSystem(hadoop);
      List<FileStatus> files = new ArrayList<>();
      FileStatus[] named = system.globStatus(path);
      for (FileStatus one : named == null ? new FileStatus[0] : named) {
        RemoteIterator<LocatedFileStatus> inside = system.listFiles(one.getPath(), true);
        while (inside.hasNext()) {
          files.add(inside.next());
        }
      }
      files.sort(Comparator.comparing(FileStatus::getPath));
      boolean read = files.stream().mapToLong(FileStatus::getLen).sum() <= READ_UP_TO;
      Sha256 hash = new Sha256();
      for (FileStatus file : files) {
        hash.add(file.getPath().getName()).add(Long.toString(file.getLen()));
        hash.add(read ? content(system, file) : Long.toString(file.getModificationTime()));
      }
      return files.isEmpty() ? "nothing" : hash.hex();
    } catch (IOException e) {
      throw new UncheckedIOException("Cannot look into " + location, e);
    }
  }

  private static String content(FileSystem system, FileStatus file) throws IOException {
    Sha256 hash = new Sha256();
    byte[] block = new byte[1 << 20];
    try (InputStream stream = system.open(file.getPath())) {
      for (int read = stream.read(block); read >= 0; read = stream.read(block)) {
        hash.add(ByteBuffer.wrap(block, 0, read));
      }
    }
    return hash.hex();
  }
}
