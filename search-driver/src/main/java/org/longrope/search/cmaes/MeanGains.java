package org.longrope.search.cmaes;

import java.util.ArrayList;
import java.util.List;
import org.longrope.search.Survivors;

/** Gains of the means that were scored on all documents since bending or refining began. */
final class MeanGains {
  /** Successive means that together must gain at least {@link #LEAST_GAIN}. */
  private static final int MEANS_COMPARED = 3;

  /** In ln perplexity. */
  private static final double LEAST_GAIN = 0.001;

  private final boolean used;

  /** Best ln perplexity at the beginning, and after each mean since. */
  private final List<Double> marks = new ArrayList<>();

  MeanGains(CmaEsConfig config) {
    used = config.with(Feature.EARLY_STOP);
  }

  /** Forgets the means so far. */
  void restart(Survivors best) {
    marks.clear();
    add(best);
  }

  /** Records the best after a mean. */
  void add(Survivors best) {
    best.best().ifPresent(scored -> marks.add(StrictMath.log(scored.perplexity())));
  }

  /** Returns whether the last means gained too little. */
  boolean settled() {
    int last = marks.size() - 1;
    return used
        && last >= MEANS_COMPARED
        && marks.get(last - MEANS_COMPARED) - marks.get(last) < LEAST_GAIN;
  }
}
