package org.longrope.driver.measure.benchmark;

import java.util.List;

/**
 * Question of a benchmark in the form that a model reads.
 *
 * @param id unique in its subject
 * @param query text before the answer, as a rule without a space at its end
 * @param choices two or more, without the space before them
 * @param right whether each choice is true: one is, or for mc2 one or more but not all
 */
public record Item(String id, String query, List<String> choices, List<Boolean> right) {
  public Item {
    choices = List.copyOf(choices);
    right = List.copyOf(right);
    if (!(choices.size() > 1 && right.size() == choices.size() && right.contains(true))) {
      throw new IllegalArgumentException("Cannot ask " + id + ": " + choices + ", true: " + right);
    }
  }

  /** Creates a question with one right choice. */
  static Item of(String id, String query, List<String> choices, int right) {
    Boolean[] truths = new Boolean[choices.size()];
    for (int c = 0; c < truths.length; c++) {
      truths[c] = c == right;
    }
    return new Item(id, query, choices, List.of(truths));
  }

  /** Returns the question with its first right choice, as an example for other questions. */
  String solved() {
    return query + continuations().get(right.indexOf(true));
  }

  /** Returns the texts to score: each choice after a space. */
  List<String> continuations() {
    return choices.stream().map(choice -> " " + choice).toList();
  }
}
