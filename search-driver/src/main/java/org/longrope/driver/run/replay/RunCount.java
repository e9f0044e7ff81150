package org.longrope.driver.run.replay;

import java.util.OptionalDouble;
import org.longrope.driver.execution.TaskResult;
import org.longrope.driver.store.TaskLog;
import org.longrope.eval.perplexity.DocumentScore;

/** Counts of evaluations, those in the log first and others as they are made. */
public final class RunCount {
  private final long planned;
  private final long before;
  private final long liveBefore;
  private long evaluated;
  private long live;
  private long tokensHere;
  private long rejected;
  private double deviceSeconds;
  private OptionalDouble best = OptionalDouble.empty();

  /**
   * Counts from the results of a log.
   *
   * @param planned evaluations of the whole run
   */
  public RunCount(TaskLog log, long planned) {
    this.planned = planned;
    log.results().values().forEach(this::add);
    before = evaluated;
    liveBefore = live;
    tokensHere = 0;
  }

  public final void add(TaskResult<?> result) {
    evaluated++;
    if (result.isLive()) {
      live++;
    }
    if (result instanceof TaskResult.Completed<?> completed) {
      tokensHere +=
          completed.isLive() && completed.value() instanceof DocumentScore score
              ? score.tokens()
              : 0;
      deviceSeconds += completed.seconds();
    } else {
      rejected++;
    }
  }

  /** Sets the perplexity of the best candidate. */
  public void best(double perplexity) {
    best = OptionalDouble.of(perplexity);
  }

  /** Sets the perplexity of the best candidate, if there is one. */
  public void best(OptionalDouble perplexity) {
    best = perplexity;
  }

  public RunState state(int queued) {
    return new RunState(
        evaluated,
        evaluated - before,
        live,
        live - liveBefore,
        tokensHere,
        rejected,
        queued,
        Math.max(0, planned - evaluated),
        deviceSeconds,
        best);
  }
}
