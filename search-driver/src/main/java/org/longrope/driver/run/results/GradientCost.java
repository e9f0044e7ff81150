package org.longrope.driver.run.results;

import java.util.Map;
import java.util.TreeMap;
import java.util.stream.DoubleStream;
import org.longrope.driver.execution.TaskResult;
import org.longrope.driver.run.replay.LogEntry;
import org.longrope.driver.run.replay.RunLog;
import org.longrope.eval.perplexity.DocumentScore;

/** Cost of a gradient in forward passes over its tokens, by the times of one run. */
final class GradientCost {
  /** Cost that is assumed where a run has no times of both at one length. */
  private static final double ASSUMED = 4;

  /** Seconds and tokens of one kind of evaluation. */
  private static final class Pace {
    private double seconds;
    private long tokens;

    private void add(TaskResult.Completed<DocumentScore> result) {
      seconds += result.seconds();
      tokens += result.value().tokens();
    }

    private double secondsPerToken() {
      return seconds / tokens;
    }
  }

  private GradientCost() {}

  /**
   * Returns the mean over the lengths of which the log has both; evaluations of a cache have no
   * time.
   */
  static double of(RunLog log) {
    Map<Integer, Pace> forward = new TreeMap<>();
    Map<Integer, Pace> gradient = new TreeMap<>();
    for (LogEntry entry : log.entries()) {
      if (entry instanceof LogEntry.Evaluated evaluated
          && evaluated.result() instanceof TaskResult.Completed<DocumentScore> result
          && result.isLive()) {
        (evaluated.task().gradient() ? gradient : forward)
            .computeIfAbsent(evaluated.task().protocol().length(), length -> new Pace())
            .add(result);
      }
    }
    return gradient.entrySet().stream()
        .flatMapToDouble(
            entry -> {
              Pace without = forward.get(entry.getKey());
              return without == null
                  ? DoubleStream.empty()
                  : DoubleStream.of(entry.getValue().secondsPerToken() / without.secondsPerToken());
            })
        .average()
        .orElse(ASSUMED);
  }
}
