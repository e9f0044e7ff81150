package org.longrope.driver.measure.benchmark;

import java.util.Arrays;
import java.util.Locale;
import java.util.stream.Collectors;
import org.longrope.driver.store.files.StoredFile;
import org.longrope.eval.BadInputException;

/**
 * Short benchmarks of the LongRoPE paper (arXiv 2402.13753, section 4), as the first Open LLM
 * Leaderboard defined them by EleutherAI's lm-evaluation-harness at commit b281b0921.
 */
public enum Benchmark {
  ARC_CHALLENGE(25, Metric.ACC_NORM),
  HELLASWAG(10, Metric.ACC_NORM),
  MMLU(5, Metric.ACC),
  TRUTHFULQA_MC2(0, Metric.MC2);

  private final int shots;
  private final Metric metric;

  Benchmark(int shots, Metric metric) {
    this.shots = shots;
    this.metric = metric;
  }

  /** Finds a benchmark by its name on the command line, such as arc_challenge. */
  public static Benchmark parse(String text) {
    for (Benchmark benchmark : values()) {
      if (benchmark.toString().equals(text)) {
        return benchmark;
      }
    }
    throw BadInputException.of(
        "Unknown task '%s': expected %s.",
        text, Arrays.stream(values()).map(Benchmark::toString).collect(Collectors.joining(", ")));
  }

  /** Returns the number of solved examples before each question, by definition. */
  public int shots() {
    return shots;
  }

  Metric metric() {
    return metric;
  }

  /** Returns whether shots are the first examples in their order, not drawn ones. */
  boolean takesShotsInOrder() {
    return this == MMLU;
  }

  /**
   * Reads the files of the benchmark.
   *
   * @param benchmarks directory that holds one directory a benchmark
   * @throws BadInputException naming the file that is missing, or where one is damaged
   */
  BenchmarkFiles read(StoredFile benchmarks) {
    return switch (this) {
      case ARC_CHALLENGE -> ArcFiles.read(benchmarks);
      case HELLASWAG -> HellaSwagFiles.read(benchmarks);
      case MMLU -> MmluFiles.read(benchmarks);
      case TRUTHFULQA_MC2 -> TruthfulQaFiles.read(benchmarks);
    };
  }

  /** Returns the name on the command line and in results. */
  @Override
  public String toString() {
    return name().toLowerCase(Locale.ROOT);
  }
}
