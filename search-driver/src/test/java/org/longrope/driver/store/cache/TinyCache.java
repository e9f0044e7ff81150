package org.longrope.driver.store.cache;

import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.stream.Stream;
import org.apache.hadoop.conf.Configuration;
import org.jspecify.annotations.Nullable;
import org.longrope.datasets.EvaluationPartition;
import org.longrope.driver.TinyWorld;
import org.longrope.driver.execution.DocumentHashes;
import org.longrope.driver.execution.EvaluationTask;
import org.longrope.driver.execution.TaskResult;
import org.longrope.eval.perplexity.DocumentScore;
import org.longrope.eval.perplexity.Protocol;
import org.longrope.eval.rope.RescaleFactors;
import org.longrope.eval.rope.Rescaling;

/** TinyCache of made-up answers on real documents. */
final class TinyCache {
  static final Configuration HADOOP = new Configuration();
  static final Protocol PROTOCOL = new Protocol.Truncated(128);
  static final EvaluationEnvironment INSTRUMENT =
      new EvaluationEnvironment(
          "0123456789abcdef".repeat(4), List.of(0, 0), "program", "1.0", "2.7.1");

  private static final DocumentHashes CONTENTS = contents(TinyWorld.shared().data());

  private TinyCache() {}

  static DocumentHashes contents() {
    return CONTENTS;
  }

  static DocumentHashes contents(Path data) {
    EvaluationPartition partition =
        EvaluationPartition.open(new org.apache.hadoop.fs.Path(data.toString()), HADOOP);
    return DocumentHashes.of(
        partition::sequence,
        null,
        partition.documents().stream()
            .map(document -> new EvaluationTask(task(0).rescaling(), document.id(), PROTOCOL))
            .toList());
  }

  static EvaluationCache open(Path location) {
    return EvaluationCache.open(location.toString(), INSTRUMENT, contents(), HADOOP);
  }

  /** Different for each number. */
  static EvaluationTask task(int number) {
    return new EvaluationTask(
        new Rescaling(RescaleFactors.of(1, 1.1, Math.sqrt(2 + number), 3.3), 4, Math.PI),
        "doc-" + number % TinyWorld.DOCUMENTS,
        PROTOCOL);
  }

  static TaskResult.Completed<DocumentScore> scored(EvaluationTask task, String computeType) {
    double nll = task.rescaling().factors().get(2) / 3 + (computeType.equals("f32") ? 0 : 1e-3);
    return task.completed(new DocumentScore(task.documentId(), nll, 127, 0.1), computeType, null);
  }

  static void fill(Path location, int from, int to) {
    EvaluationCache ledger = open(location);
    for (int number = from; number < to; number++) {
      ledger.append(ledger.entry(scored(task(number), "f32")));
    }
    ledger.close();
  }

  /** Returns whether the files of a cache answer a task that no evaluator here has evaluated. */
  static boolean knows(EvaluationCache ledger, EvaluationTask task, @Nullable String computeType) {
    return !ledger.untested(task, computeType).isEmpty();
  }

  static List<Path> files(Path location) {
    try (Stream<Path> files = Files.walk(location)) {
      return files.filter(Files::isRegularFile).sorted().toList();
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
  }
}
