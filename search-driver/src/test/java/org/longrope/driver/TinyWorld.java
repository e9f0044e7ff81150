package org.longrope.driver;

import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Random;
import java.util.stream.Collectors;
import org.apache.spark.api.java.JavaSparkContext;
import org.longrope.datasets.Preparation;
import org.longrope.datasets.PrepareRequest;
import org.longrope.datasets.SourceFormat;
import org.longrope.driver.execution.spark.SparkSettings;
import org.longrope.eval.checkpoint.DType;
import org.longrope.eval.checkpoint.ModelConfigWriter;
import org.longrope.eval.family.DecoderSpec;
import org.longrope.eval.family.LlamaShape;
import org.longrope.eval.tokenizer.BytePairTraining;
import org.longrope.eval.training.FloatTensor;
import org.longrope.eval.training.InitialWeights;
import org.longrope.eval.training.StateFiles;

/**
 * A real model of a few kilobytes and a real partition of random ids, for tests that need both.
 *
 * @param model a Llama: window {@link #WINDOW}, {@link #VOCABULARY} ids, {@link #PAIRS} rotated
 *     pairs, no tokenizer
 * @param data {@link #DOCUMENTS} documents of at least {@link #SHORTEST} ids, no BOS
 */
public record TinyWorld(Path model, Path data) {
  public static final int WINDOW = 32;
  public static final int VOCABULARY = 64;
  public static final int PAIRS = 4;
  public static final int DOCUMENTS = 6;
  public static final int SHORTEST = 200;

  /** Threads of one evaluation: every test must pass with any number of them. */
  public static final int THREADS = Integer.getInteger("longrope.tests.threads", 1);

  private static DecoderSpec shape(int vocabulary) {
    return new LlamaShape(32, 48, 2, 4, 2, vocabulary, true, 10_000, WINDOW).spec();
  }

  private static TinyWorld shared;

  /** One world for all tests of this process; never change it. */
  public static synchronized TinyWorld shared() {
    if (shared == null) {
      try {
        Path target = Files.createDirectories(Path.of("target").toAbsolutePath());
        Path directory = Files.createTempDirectory(target, "tiny-world-");
        shared =
            new TinyWorld(
                model(directory.resolve("model"), 1),
                partition(directory.resolve("data"), documents(DOCUMENTS, SHORTEST, 7)));
      } catch (IOException e) {
        throw new UncheckedIOException(e);
      }
    }
    return shared;
  }

  /** Random weights, wide enough that factors matter to the perplexity. */
  public static Path model(Path directory, long seed) {
    return model(directory, seed, 10);
  }

  /** Weights scaled by a factor; NaN makes a model that answers nothing. */
  public static Path model(Path directory, long seed, float scale) {
    return model(directory, shape(VOCABULARY), seed, scale);
  }

  /** A model that reads text: its tokenizer knows each byte and has a BOS. */
  public static Path textModel(Path directory, long seed) {
    int vocabulary = 264;
    model(directory, shape(vocabulary), seed, 10);
    BytePairTraining training = new BytePairTraining();
    training.add("no pairs to learn");
    try {
      Files.writeString(directory.resolve("tokenizer.json"), training.tokenizerJson(vocabulary));
      Files.writeString(directory.resolve("tokenizer_config.json"), "{\"bos_token\": \"<s>\"}");
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
    return directory;
  }

  private static Path model(Path directory, DecoderSpec shape, long seed, float scale) {
    Map<String, FloatTensor> weights = new LinkedHashMap<>();
    InitialWeights.of(shape, seed)
        .forEach((name, tensor) -> weights.put(name, scaled(tensor, scale)));
    try {
      Files.createDirectories(directory);
      Files.writeString(
          directory.resolve("config.json"), ModelConfigWriter.toJson(shape, DType.F32, null, null));
      StateFiles.saveModel(directory.resolve("model.safetensors"), weights, DType.F32);
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
    return directory;
  }

  private static FloatTensor scaled(FloatTensor tensor, float scale) {
    float[] values = tensor.values().clone();
    for (int i = 0; tensor.shape().size() > 1 && i < values.length; i++) {
      values[i] *= scale;
    }
    return new FloatTensor(tensor.shape(), values);
  }

  /** Random ids; each document is a little longer than the one before. */
  public static List<int[]> documents(int count, int shortest, long seed) {
    Random random = new Random(seed);
    List<int[]> documents = new ArrayList<>();
    for (int d = 0; d < count; d++) {
      documents.add(random.ints(shortest + 3L * d, 0, VOCABULARY).toArray());
    }
    return documents;
  }

  /** Prepares documents of ids under the names doc-0, doc-1 and so on. */
  public static Path partition(Path directory, List<int[]> documents) {
    return partition(directory, documents, null);
  }

  /** Prepares documents of ids of a known tokenizer. */
  public static Path partition(Path directory, List<int[]> documents, Path tokenizer) {
    StringBuilder lines = new StringBuilder();
    for (int d = 0; d < documents.size(); d++) {
      lines.append(
          String.format("{\"id\": \"doc-%d\", \"input_ids\": %s}%n", d, json(documents.get(d))));
    }
    Path source = directory.resolveSibling(directory.getFileName() + ".jsonl");
    try {
      Files.writeString(source, lines);
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
    PrepareRequest request =
        new PrepareRequest(
            List.of(source.toString()),
            SourceFormat.TOKENS,
            tokenizer == null ? null : tokenizer.toString(),
            directory.toString(),
            null,
            0,
            null,
            1);
    try (JavaSparkContext spark = new SparkSettings("local[2]", Map.of()).start("tiny world")) {
      Preparation.run(spark, request, (documentsDone, tokens, sharesDone, shares) -> {});
    }
    return directory;
  }

  /** A JSON array. */
  public static String json(int[] ids) {
    return java.util.Arrays.stream(ids)
        .mapToObj(Integer::toString)
        .collect(Collectors.joining(", ", "[", "]"));
  }
}
