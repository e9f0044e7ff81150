package org.longrope.search.gradient;

import java.util.ArrayList;
import java.util.List;
import java.util.stream.IntStream;
import org.longrope.search.Candidate;
import org.longrope.search.QueryScaleChoice;
import org.longrope.search.SearchMode;
import org.longrope.search.SearchSpace;
import org.longrope.search.SearchStrategy;
import org.longrope.search.StrategyConfig;
import org.longrope.search.Surrogate;

/**
 * Configuration of {@link GradientSearch}. It holds any values, so that all problems can be
 * reported at once: see {@link #problems}.
 *
 * @param steps of a descent, 1 or more
 * @param batch documents whose gradients make a step, 1 or more
 * @param descents number of starts from which the search descends, 1 or more
 * @param monotone whether factors stay in ascending order
 * @param fixedAttention whether the attention factor stays as it is given
 * @param queryScales that are found too
 * @param windowWeight of the perplexity at the original window where query scales are found, 0 or
 *     more
 * @param seed of all random choices
 */
public record GradientConfig(
    int steps,
    int batch,
    int descents,
    boolean monotone,
    boolean fixedAttention,
    QueryScaleChoice queryScales,
    double windowWeight,
    long seed)
    implements StrategyConfig {
  /** Steps between two comparisons of a descent's answer. */
  static final int BETWEEN_CHECKS = 5;

  /** One of this many documents is kept out of the gradient, to compare answers on. */
  private static final int DOCUMENTS_FOR_A_COMPARED_ONE = 3;

  /** Greatest number of starts, with those of a further extension. */
  private static final int MOST_STARTS = 16;

  /** Numbers of start tokens that are tried around the result. */
  static final List<Integer> START_TOKENS = List.of(2, 4, 8, 16);

  /** Returns the indices of the last documents: no step uses them, unless there is only one. */
  @Override
  public List<Integer> comparedOn(int documents) {
    int compared = Math.max(1, documents / DOCUMENTS_FOR_A_COMPARED_ONE);
    return IntStream.range(documents - compared, documents).boxed().toList();
  }

  /** Returns the indices of the documents whose gradients are taken. */
  static List<Integer> descendedOn(List<Integer> compared, int documents) {
    int others = documents - compared.size();
    return IntStream.range(0, others == 0 ? documents : others).boxed().toList();
  }

  int checks() {
    return (steps + BETWEEN_CHECKS - 1) / BETWEEN_CHECKS;
  }

  @Override
  public long documentsScored(int documents) {
    int compared = comparedOn(documents).size();
    long scores = MOST_STARTS + (long) descents * checks() + START_TOKENS.size();
    return scores * compared + gradients(documents) + documents;
  }

  @Override
  public long gradients(int documents) {
    return (long) descents * steps * batch(documents);
  }

  /** Returns the number of gradients of a step. */
  int batch(int documents) {
    return Math.min(batch, descendedOn(comparedOn(documents), documents).size());
  }

  @Override
  public int generations(int documents) {
    return checks() + 2;
  }

  @Override
  public boolean usesReference() {
    return false;
  }

  @Override
  public int candidates(int number) {
    return descents * (BETWEEN_CHECKS + 1);
  }

  @Override
  public GradientConfig withFixedAttention() {
    return new GradientConfig(
        steps, batch, descents, monotone, true, queryScales, windowWeight, seed);
  }

  @Override
  public List<String> problems(SearchMode mode, int documents) {
    List<String> problems = new ArrayList<>(GradientSettings.values(this).problems());
    if (mode == SearchMode.ASYNCHRONOUS) {
      problems.add(
          "mode is asynchronous: expected generational, because a step of strategy gradient needs"
              + " the gradients of the step before it.");
    }
    return problems;
  }

  @Override
  public SearchStrategy strategy(
      SearchMode mode, SearchSpace space, List<Candidate> seeds, int documents, Surrogate model) {
    List<String> problems = problems(mode, documents);
    if (!problems.isEmpty()) {
      throw new IllegalArgumentException("Cannot search: " + String.join(" ", problems));
    }
    return new GradientSearch(this, space, documents, seeds);
  }
}
