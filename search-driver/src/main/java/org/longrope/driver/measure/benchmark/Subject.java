package org.longrope.driver.measure.benchmark;

import java.util.List;

/**
 * Questions that are asked in one way and averaged together: a subject of MMLU, else the whole
 * benchmark.
 *
 * @param name as its files are called
 * @param introduction what every prompt begins with, blank line included; may be empty
 * @param asked in the file's order, one or more
 * @param examples that shots are taken from; may be empty
 */
record Subject(String name, String introduction, List<Item> asked, List<Item> examples) {
  Subject {
    asked = List.copyOf(asked);
    examples = List.copyOf(examples);
  }

  /** Introduction, solved examples and the question, with blank lines between them. */
  String prompt(List<Item> shots, Item question) {
    StringBuilder prompt = new StringBuilder(introduction);
    for (Item shot : shots) {
      prompt.append(shot.solved()).append("\n\n");
    }
    return prompt.append(question.query()).toString();
  }
}
