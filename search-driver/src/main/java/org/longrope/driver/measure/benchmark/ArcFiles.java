package org.longrope.driver.measure.benchmark;

import java.util.ArrayList;
import java.util.List;
import org.longrope.driver.store.files.StoredFile;

/**
 * ARC-Challenge (arXiv 1803.05457): JSON lines of test and train, as on the Hugging Face hub.
 * Prompts as in lm_eval/tasks/arc.py of EleutherAI's lm-evaluation-harness.
 */
final class ArcFiles {
  private ArcFiles() {}

  static BenchmarkFiles read(StoredFile benchmarks) {
    Folder folder = Folder.of(benchmarks, "arc_challenge");
    StoredFile test = folder.one("(.*[-_])?test(_\\d+)?\\.jsonl", "test.jsonl");
    StoredFile train = folder.one("(.*[-_])?train(_\\d+)?\\.jsonl", "train.jsonl");
    Subject subject = new Subject("arc_challenge", "", items(test), items(train));
    return new BenchmarkFiles(List.of(subject), List.of(test, train));
  }

  private static List<Item> items(StoredFile file) {
    return Fields.ofLines(file).stream().map(ArcFiles::item).toList();
  }

  private static Item item(Fields fields) {
    Fields choices = fields.object("choices");
    List<String> texts = choices.texts("text");
    List<String> labels = new ArrayList<>(choices.texts("label"));
    if (labels.size() != texts.size()) {
      throw choices.unusable("label", "one label for each of " + texts.size() + " texts");
    }
    int right = labels.indexOf(fields.text("answerKey"));
    if (right < 0) {
      throw fields.unusable("answerKey", "one of " + labels);
    }
    String query = "Question: " + fields.text("question") + "\nAnswer:";
    return Item.of(fields.text("id"), query, texts, right);
  }
}
