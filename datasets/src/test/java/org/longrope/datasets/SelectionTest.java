package org.longrope.datasets;

import static org.assertj.core.api.Assertions.assertThat;

import java.util.Arrays;
import java.util.List;
import java.util.stream.IntStream;
import org.junit.jupiter.api.Test;

class SelectionTest {
  @Test
  void sample_manySeeds_drawsEachDocumentAndEachPairEquallyOften() {
    List<Integer> documents = IntStream.range(0, 10).boxed().toList();
    int draws = 20_000;
    int[] uses = new int[10];
    int firstPair = 0;
    for (int seed = 0; seed < draws; seed++) {
      List<Integer> chosen = Selection.sample(documents, 3, seed);
      assertThat(chosen).hasSize(3).isSorted().doesNotHaveDuplicates();
      chosen.forEach(i -> uses[i]++);
      firstPair += chosen.contains(0) && chosen.contains(1) ? 1 : 0;
    }
    // Five standard deviations: sqrt(20000 · 0.3 · 0.7) = 65 and sqrt(20000 · 1/15 · 14/15) = 35.
    assertThat(Arrays.stream(uses).boxed())
        .allSatisfy(n -> assertThat(n).isBetween(6000 - 325, 6000 + 325));
    assertThat(firstPair).isBetween(1333 - 176, 1333 + 176);
  }

  @Test
  void named_repeatedIds_takeTheLabelThenTheRow() {
    List<InputFile> files = List.of(file(0, "one"), file(1, "two"));
    List<StagedDocument> staged =
        List.of(
            new StagedDocument(1, 0, "a", 9),
            new StagedDocument(0, 3, "b", 9),
            new StagedDocument(0, 2, "b", 9),
            new StagedDocument(0, 0, "a", 9),
            new StagedDocument(1, 1, "c", 9));
    assertThat(Selection.named(staged, files))
        .extracting(StagedDocument::id)
        .containsExactly("one:a", "one:2", "one:3", "two:a", "c");
  }

  @Test
  void plan_startsAPartBeforeTheLimitIsPassed() {
    List<StagedDocument> chosen =
        IntStream.of(4, 6, 1, 25, 3)
            .mapToObj(tokens -> new StagedDocument(0, tokens, "d" + tokens, tokens))
            .toList();
    WritePlan plan = WritePlan.of(chosen, 10);
    assertThat(plan.parts()).containsExactly(0, 0, 1, 2, 3);
    assertThat(plan.tokens()).isEqualTo(39);
    assertThat(plan.fileNames()).hasSize(4).startsWith("part-00000.parquet");
  }

  private static InputFile file(int index, String label) {
    return new InputFile(index, SourceFormat.JSONL, label + ".jsonl", 0, 0, label, label, 0, 1);
  }
}
