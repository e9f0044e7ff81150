package org.longrope.driver.measure.benchmark;

import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.regex.Pattern;
import org.longrope.driver.store.files.StoredFile;
import org.longrope.eval.BadInputException;
import org.longrope.eval.choices.PythonText;

/**
 * HellaSwag (arXiv 1905.07830): its own JSON lines (hellaswag_val.jsonl, hellaswag_train.jsonl), or
 * validation as text of six lines an item: context, index of the right ending, four endings.
 * Prompts as in lm_eval/tasks/hellaswag.py of EleutherAI's lm-evaluation-harness.
 */
final class HellaSwagFiles {
  private static final int ENDINGS = 4;
  private static final int LINES = 2 + ENDINGS;

  /** Marks of WikiHow; a dot matches all but a line feed, as in Python. */
  private static final Pattern BRACKETS = Pattern.compile("\\[.*?\\]", Pattern.UNIX_LINES);

  private HellaSwagFiles() {}

  static BenchmarkFiles read(StoredFile benchmarks) {
    Folder folder = Folder.of(benchmarks, "hellaswag");
    Optional<StoredFile> json = folder.optional("(.*[-_])?val(idation)?\\.jsonl", "val.jsonl");
    Optional<StoredFile> train = folder.optional("(.*[-_])?train\\.jsonl", "train.jsonl");
    StoredFile validation =
        json.orElseGet(
            () ->
                folder.one(
                    "(.*[-_])?val(idation)?(_full)?\\.txt(\\.bz2)?",
                    "val.jsonl, val.txt or val.txt.bz2"));
    List<Item> asked = json.isPresent() ? jsonItems(validation) : textItems(validation);
    List<Item> examples = train.map(HellaSwagFiles::jsonItems).orElse(List.of());
    List<StoredFile> files = new ArrayList<>(List.of(validation));
    train.ifPresent(files::add);
    return new BenchmarkFiles(
        List.of(new Subject("hellaswag", "", asked, examples)), List.copyOf(files));
  }

  private static List<Item> jsonItems(StoredFile file) {
    List<Item> items = new ArrayList<>();
    for (Fields fields : Fields.ofLines(file)) {
      List<String> endings = fields.texts("endings");
      int right = fields.json().path("label").asInt(-1);
      if (!(right >= 0 && right < endings.size())) {
        throw fields.unusable("label", "the index of an ending, 0 to " + (endings.size() - 1));
      }
      String context =
          fields.text("activity_label")
              + ": "
              + fields.text("ctx_a")
              + " "
              + PythonText.capitalize(fields.text("ctx_b"));
      items.add(item(fields.where(), items.size(), context, endings, right));
    }
    return items;
  }

  private static List<Item> textItems(StoredFile file) {
    List<String> lines = new ArrayList<>(List.of(TextFile.read(file).split("\r?\n", -1)));
    while (!lines.isEmpty() && lines.get(lines.size() - 1).isBlank()) {
      lines.remove(lines.size() - 1);
    }
    if (lines.isEmpty() || lines.size() % LINES != 0) {
      throw BadInputException.of(
          "%s has %d lines: expected %d an item (context, index of the right ending, %d endings);"
              + " fetch the file again.",
          file, lines.size(), LINES, ENDINGS);
    }
    List<Item> items = new ArrayList<>();
    for (int l = 0; l < lines.size(); l += LINES) {
      String label = lines.get(l + 1);
      if (!label.matches("[0-3]")) {
        throw BadInputException.of(
            "Line %d of %s is '%s': expected the index of the right ending, 0 to 3; fetch the file"
                + " again.",
            l + 2, file, label);
      }
      String where = String.format("Line %d of %s", l + 1, file);
      List<String> endings = lines.subList(l + 2, l + LINES);
      items.add(item(where, items.size(), lines.get(l), endings, Integer.parseInt(label)));
    }
    return items;
  }

  private static Item item(
      String where, int index, String context, List<String> endings, int right) {
    List<String> choices = endings.stream().map(HellaSwagFiles::withoutMarks).toList();
    if (choices.stream().anyMatch(String::isBlank)) {
      throw BadInputException.of(
          "%s: an ending is empty: expected %d endings with text; fetch the file again.",
          where, endings.size());
    }
    return Item.of(Integer.toString(index), withoutMarks(context), choices, right);
  }

  private static String withoutMarks(String text) {
    String stripped = PythonText.strip(text).replace(" [title]", ". ");
    return BRACKETS.matcher(stripped).replaceAll("").replace("  ", " ");
  }
}
