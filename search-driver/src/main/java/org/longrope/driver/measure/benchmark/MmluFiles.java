package org.longrope.driver.measure.benchmark;

import java.util.ArrayList;
import java.util.List;
import org.longrope.driver.store.files.StoredFile;
import org.longrope.eval.BadInputException;
import org.longrope.eval.choices.PythonText;

/**
 * MMLU (arXiv 2009.03300): test/SUBJECT_test.csv and dev/SUBJECT_dev.csv of question, four choices
 * and the answer. Hendrycks' files have no header and a letter as answer; others a header and an
 * index. Prompts as in lm_eval/tasks/hendrycks_test.py of EleutherAI's lm-evaluation-harness.
 */
final class MmluFiles {
  static final int SUBJECTS = 57;

  private static final List<String> LETTERS = List.of("A", "B", "C", "D");
  private static final int CELLS = 1 + LETTERS.size() + 1;
  private static final String SUFFIX = "_test.csv";

  private MmluFiles() {}

  static BenchmarkFiles read(StoredFile benchmarks) {
    Folder tests = Folder.of(benchmarks, "mmlu/test");
    Folder devs = Folder.of(benchmarks, "mmlu/dev");
    List<Subject> subjects = new ArrayList<>();
    List<StoredFile> files = new ArrayList<>();
    for (StoredFile test : tests.all(".*" + SUFFIX)) {
      String file = test.name();
      String name = file.substring(0, file.length() - SUFFIX.length());
      StoredFile dev = devs.one(name + "_dev\\.csv", name + "_dev.csv");
      String introduction =
          String.format(
              "The following are multiple choice questions (with answers) about %s.\n\n",
              name.replace('_', ' '));
      subjects.add(new Subject(name, introduction, items(test), items(dev)));
      files.add(test);
      files.add(dev);
    }
    if (subjects.isEmpty()) {
      throw BadInputException.of(
          "%s has no file SUBJECT_test.csv: expected one for each subject.", tests.path());
    }
    return new BenchmarkFiles(subjects, files);
  }

  private static List<Item> items(StoredFile file) {
    List<Item> items = new ArrayList<>();
    boolean first = true;
    for (CsvFile.Row row : CsvFile.read(file)) {
      if (row.cells().size() != CELLS) {
        throw BadInputException.of(
            "Line %d of %s has %d columns: expected %d (question, 4 choices, answer); fetch the"
                + " file again.",
            row.line(), file, row.cells().size(), CELLS);
      }
      boolean header = first && row.cells().get(CELLS - 1).equals("answer");
      first = false;
      if (!header) {
        items.add(item(file, row, items.size()));
      }
    }
    if (items.isEmpty()) {
      throw BadInputException.of(
          "%s has no questions: expected one or more; fetch the file again.", file);
    }
    return items;
  }

  private static Item item(StoredFile file, CsvFile.Row row, int index) {
    String answer = row.cells().get(CELLS - 1);
    int right = answer.matches("[0-3]") ? Integer.parseInt(answer) : LETTERS.indexOf(answer);
    if (right < 0) {
      throw BadInputException.of(
          "Line %d of %s: column %d, the answer, is '%s': expected A to D or 0 to 3; fetch the file"
              + " again.",
          row.line(), file, CELLS, answer);
    }
    StringBuilder query = new StringBuilder(PythonText.strip(row.cells().get(0))).append('\n');
    for (int c = 0; c < LETTERS.size(); c++) {
      query.append(LETTERS.get(c)).append(". ").append(row.cells().get(1 + c)).append('\n');
    }
    query.append("Answer:");
    return Item.of(Integer.toString(index), query.toString(), LETTERS, right);
  }
}
