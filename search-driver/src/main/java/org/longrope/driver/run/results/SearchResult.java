package org.longrope.driver.run.results;

import java.util.Locale;
import java.util.Map;
import org.longrope.driver.run.problem.ExtensionProblem;
import org.longrope.driver.run.replay.RunInputs;
import org.longrope.driver.run.settings.SearchSettings;
import org.longrope.eval.rope.Rescaling;

/**
 * Result of a search: the best candidate, or no rescaling where a model needs none.
 *
 * <p>The documents of the search alone decide, those that are held out do not: a model needs no
 * rescaling if no other method and no candidate has a lower perplexity than none on them.
 *
 * @param perplexity on the documents of the search
 * @param needsNone whether no rescaling is the result
 */
public record SearchResult(Rescaling rescaling, double perplexity, boolean needsNone) {

  /**
   * Chooses the result.
   *
   * @param best of the candidates
   * @param perplexity of the best
   * @param baselines the methods to beat, by name
   * @param toBeat perplexities of the baselines, NaN for one that was rejected
   */
  public static SearchResult of(
      Rescaling best,
      double perplexity,
      Map<String, Rescaling> baselines,
      Map<String, Double> toBeat) {
    Rescaling none = baselines.get(ExtensionProblem.NONE);
    double least = toBeat.getOrDefault(ExtensionProblem.NONE, Double.NaN);
    boolean needsNone =
        none != null
            && least <= perplexity
            && toBeat.values().stream().noneMatch(other -> other < least);
    return needsNone && none != null
        ? new SearchResult(none, least, true)
        : new SearchResult(best, perplexity, false);
  }

  /** Returns the sentence that a model needs no rescaling. */
  static String needsNone(SearchSettings settings, RunInputs subject) {
    return String.format(
        Locale.ROOT,
        "This model needs no %srescaling at %,d tokens: nothing has a lower %s than none on the"
            + " documents of the search.",
        subject.extension() == null ? "" : "further ",
        settings.targetLength(),
        settings.objective().quantity());
  }
}
