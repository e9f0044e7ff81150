package org.longrope.driver.run.replay;

import java.util.OptionalDouble;
import org.longrope.driver.execution.Evaluation;

/** Counts evaluations as they are done, beginning with those in the journal. */
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
   * @param planned evaluations of the whole run
   */
  public RunCount(Journal journal, long planned) {
    this.planned = planned;
    journal.evaluations().values().forEach(this::add);
    before = evaluated;
    liveBefore = live;
    tokensHere = 0;
  }

  public final void add(Evaluation evaluation) {
    evaluated++;
    if (evaluation.isLive()) {
      live++;
    }
    if (evaluation instanceof Evaluation.Scored scored) {
      tokensHere += scored.isLive() ? scored.score().tokens() : 0;
      deviceSeconds += scored.score().seconds();
    } else {
      rejected++;
    }
  }

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
