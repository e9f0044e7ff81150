package org.longrope.driver.measure.benchmark;

import java.util.List;

/**
 * Questions that are asked in one way and averaged together: a subject of MMLU, else the whole
 * benchmark.
 *
 * @param name in the names of its files
 * @param introduction beginning of every prompt, blank line included; may be empty
 * @param asked questions in the order of the file, one or more
 * @param examples from which shots are taken; may be empty
 */
record Subject(String name, String introduction, List<Item> asked, List<Item> examples) {
  Subject {
    asked = List.copyOf(asked);
    examples = List.copyOf(examples);
  }

  /** Joins introduction, solved examples and the question, with blank lines between them. */
  String prompt(List<Item> shots, Item question) {
    StringBuilder prompt = new StringBuilder(introduction);
    for (Item shot : shots) {
      prompt.append(shot.solved()).append("\n\n");
    }
    return prompt.append(question.query()).toString();
  }
}
