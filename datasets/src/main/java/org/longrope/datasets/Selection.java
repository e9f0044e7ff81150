package org.longrope.datasets;

import java.util.ArrayList;
import java.util.Comparator;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.SplittableRandom;
import java.util.function.Function;
import org.longrope.eval.BadInputException;

/**
 * Selection of the documents that are stored, with their ids. The driver makes it, so that it does
 * not depend on the executors.
 */
final class Selection {
  private Selection() {}

  /**
   * Returns all documents in stored order, each with its own id. An id that several documents have
   * gets its file's label before it, and if that is not enough the row.
   *
   * @throws BadInputException if two ids are still equal
   */
  static List<StagedDocument> named(List<StagedDocument> staged, List<InputFile> files) {
    List<StagedDocument> documents = new ArrayList<>(staged);
    documents.sort(
        Comparator.comparingInt(StagedDocument::file).thenComparingInt(StagedDocument::row));
    renameRepeated(documents, d -> files.get(d.file()).label() + ":" + d.id());
    renameRepeated(documents, d -> files.get(d.file()).label() + ":" + d.row());
    uses(documents)
        .forEach(
            (id, uses) -> {
              if (uses > 1) {
                throw BadInputException.of(
                    "Document id %s occurs %d times in the input: expected ids of their own.",
                    id, uses);
              }
            });
    return documents;
  }

  private static void renameRepeated(
      List<StagedDocument> documents, Function<StagedDocument, String> name) {
    Map<String, Integer> uses = uses(documents);
    documents.replaceAll(
        d ->
            uses.getOrDefault(d.id(), 0) > 1
                ? new StagedDocument(d.file(), d.row(), name.apply(d), d.tokenCount())
                : d);
  }

  private static Map<String, Integer> uses(List<StagedDocument> documents) {
    Map<String, Integer> uses = new HashMap<>();
    documents.forEach(d -> uses.merge(d.id(), 1, Integer::sum));
    return uses;
  }

  /**
   * Draws {@code n} of the documents, every set of n equally likely, in their order (selection
   * sampling, Knuth TAOCP 2, algorithm 3.4.2 S).
   */
  static <T> List<T> sample(List<T> documents, int n, long seed) {
    SplittableRandom random = new SplittableRandom(seed);
    List<T> chosen = new ArrayList<>(n);
    for (int i = 0; i < documents.size(); i++) {
      if (random.nextInt(documents.size() - i) < n - chosen.size()) {
        chosen.add(documents.get(i));
      }
    }
    return chosen;
  }
}
