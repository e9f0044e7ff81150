package org.longrope.driver.factors;

import java.util.Comparator;
import java.util.List;
import java.util.function.Function;
import java.util.stream.Collectors;
import org.longrope.eval.BadInputException;

/**
 * Dynamic factors as files hold them: one set for all lengths, or several, each for texts of up to
 * its own target length and the last also for longer ones (arXiv 2402.13753, section 3.3).
 *
 * @param sets one; or several by ascending target length
 */
public record FactorSets(List<Named> sets) {

  /**
   * A set and where it was read.
   *
   * @param name for messages and results
   */
  public record Named(String name, FactorSet set) {
    /**
     * Tokens up to which the set holds.
     *
     * @throws BadInputException if the file did not say it
     */
    int targetLength() {
      Integer length = set.targetLength();
      if (length == null) {
        throw BadInputException.of(
            "%s does not say which length its factors are for, and several --factors are chosen"
                + " from by that length: expected 'factor' and 'original_max_position_embeddings' in"
                + " it, as a factors.json has them, or this file alone.",
            name);
      }
      return length;
    }
  }

  /**
   * @throws BadInputException if one of several has no target length, or two have the same
   */
  public FactorSets {
    sets = List.copyOf(sets);
    if (sets.size() > 1) {
      sets = sets.stream().sorted(Comparator.comparingInt(Named::targetLength)).toList();
      for (int i = 1; i < sets.size(); i++) {
        int length = sets.get(i).targetLength();
        if (length == sets.get(i - 1).targetLength()) {
          throw BadInputException.of(
              "%s and %s are both for %d tokens: expected --factors of different target lengths;"
                  + " leave one of them out.",
              sets.get(i - 1).name(), sets.get(i).name(), length);
        }
      }
    }
  }

  /** One set for all lengths. */
  public static FactorSets of(String name, FactorSet set) {
    return new FactorSets(List.of(new Named(name, set)));
  }

  /** The sets of several files together. */
  public static FactorSets of(List<FactorSets> files) {
    return new FactorSets(files.stream().flatMap(file -> file.sets().stream()).toList());
  }

  /** Whether the length of a text decides. */
  public boolean isTable() {
    return sets.size() > 1;
  }

  /** The set of the largest target length. */
  public FactorSet longest() {
    return sets.get(sets.size() - 1).set();
  }

  /** All names. */
  String name() {
    return sets.stream().map(Named::name).collect(Collectors.joining(", "));
  }

  /** The same with every set replaced. */
  FactorSets map(Function<Named, FactorSet> change) {
    return new FactorSets(
        sets.stream().map(named -> new Named(named.name(), change.apply(named))).toList());
  }
}
