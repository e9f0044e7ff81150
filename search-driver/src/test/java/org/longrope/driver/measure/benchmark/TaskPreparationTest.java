package org.longrope.driver.measure.benchmark;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.nio.file.Path;
import java.util.ArrayList;
import java.util.HashSet;
import java.util.List;
import java.util.OptionalInt;
import java.util.Set;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.stream.IntStream;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.longrope.driver.TinyWorld;
import org.longrope.driver.store.files.StoredFile;
import org.longrope.eval.BadInputException;
import org.longrope.eval.choices.PromptEncoder;
import org.longrope.eval.tokenizer.DocumentTokenizer;

class TaskPreparationTest {
  @TempDir Path directory;
  private DocumentTokenizer tokenizer;

  @BeforeEach
  void openTokenizer() {
    tokenizer = DocumentTokenizer.open(TinyWorld.textModel(directory.resolve("model"), 1));
  }

  @AfterEach
  void closeTokenizer() {
    tokenizer.close();
  }

  private PreparedTask prepare(TaskPlan plan) {
    AtomicInteger encoded = new AtomicInteger();
    PreparedTask task =
        TaskPreparation.prepare(
            plan,
            StoredFile.of(directory),
            new PromptEncoder(tokenizer, OptionalInt.empty()),
            questions -> encoded.incrementAndGet());
    assertThat(task.questions()).hasSize(encoded.get());
    return task;
  }

  private static List<String> ids(PreparedTask task) {
    return task.questions().stream().map(question -> question.item().id()).toList();
  }

  private static List<Item> items(int n) {
    return IntStream.range(0, n)
        .mapToObj(i -> Item.of("e" + i, "Question " + i, List.of("a", "b"), 0))
        .toList();
  }

  @Test
  void shots_ofAQuestion_areDifferentAndReproducible() {
    List<Item> examples = items(40);
    QuestionSampler draw = new QuestionSampler(1, Benchmark.ARC_CHALLENGE);
    Set<Item> first = new HashSet<>();
    for (int q = 0; q < 50; q++) {
      List<Item> shots = draw.shots(examples, q, 25);
      assertThat(shots).hasSize(25).doesNotHaveDuplicates();
      assertThat(new QuestionSampler(1, Benchmark.ARC_CHALLENGE).shots(examples, q, 25))
          .isEqualTo(shots);
      assertThat(new QuestionSampler(2, Benchmark.ARC_CHALLENGE).shots(examples, q, 25))
          .isNotEqualTo(shots);
      // Fewer shots are the first of the more.
      assertThat(draw.shots(examples, q, 5)).isEqualTo(shots.subList(0, 5));
      first.add(shots.get(0));
    }
    assertThat(first).hasSizeGreaterThan(15);
    assertThat(new QuestionSampler(7, Benchmark.MMLU).shots(examples, 3, 5))
        .isEqualTo(examples.subList(0, 5));
  }

  @Test
  void limit_anyNumber_keepsTheShotsOfEachQuestion() {
    BenchmarkFixtures.arc(directory);
    PreparedTask all = prepare(new TaskPlan(Benchmark.ARC_CHALLENGE, 2, null, 5));
    assertThat(ids(all)).containsExactly("t0", "t1", "t2");
    assertThat(all.examples()).isEqualTo(3);
    assertThat(all.heldOut()).isFalse();
    Set<List<String>> chosen = new HashSet<>();
    for (int seed = 0; seed < 20; seed++) {
      PreparedTask some = prepare(new TaskPlan(Benchmark.ARC_CHALLENGE, 2, 2, seed));
      chosen.add(ids(some));
      assertThat(ids(some)).hasSize(2).isSorted();
      PreparedTask whole = prepare(new TaskPlan(Benchmark.ARC_CHALLENGE, 2, 99, seed));
      for (PreparedTask.Question question : some.questions()) {
        int index = ids(whole).indexOf(question.item().id());
        assertThat(question.choices().contextTokens())
            .isEqualTo(whole.choices().get(index).contextTokens());
      }
    }
    assertThat(chosen).hasSize(3);
  }

  @Test
  void heldOutShots_areQuestionsThatAreNotAsked() {
    BenchmarkFixtures.hellaSwagText(directory, false);
    Set<String> asked = new HashSet<>();
    for (int seed = 0; seed < 20; seed++) {
      PreparedTask task = prepare(new TaskPlan(Benchmark.HELLASWAG, 2, null, seed));
      assertThat(task.heldOut()).isTrue();
      assertThat(task.examples()).isEqualTo(2);
      assertThat(ids(task)).hasSize(2).doesNotHaveDuplicates();
      for (PreparedTask.Question question : task.questions()) {
        for (String other : ids(task)) {
          List<String> shots = new ArrayList<>(List.of(prompt(question).split("\n\n")));
          assertThat(shots).hasSize(3);
          assertThat(shots.subList(0, 2)).noneMatch(shot -> shot.contains("loaf " + other));
        }
      }
      asked.addAll(ids(task));
    }
    assertThat(asked).containsExactlyInAnyOrder("0", "1", "2", "3");
    PreparedTask without = prepare(new TaskPlan(Benchmark.HELLASWAG, 0, null, 1));
    assertThat(without.heldOut()).isFalse();
    assertThat(ids(without)).hasSize(4);
  }

  /** Tokens of a tokenizer that knows bytes alone. */
  private String prompt(PreparedTask.Question question) {
    for (String text : candidates(question)) {
      if (java.util.Arrays.equals(tokenizer.encode(text), question.choices().contextTokens())) {
        return text;
      }
    }
    throw new AssertionError("No two loaves make the prompt of " + question.item().id());
  }

  private static List<String> candidates(PreparedTask.Question question) {
    List<String> endings = List.of("waits.", "walks.", "wonders why.", "writes it down.");
    List<String> candidates = new ArrayList<>();
    for (int a = 0; a < 4; a++) {
      for (int b = 0; b < 4; b++) {
        candidates.add(
            String.format(
                "Baking: Somebody bakes loaf %d. he %s%n%nBaking: Somebody bakes loaf %d. he"
                    + " %s%n%n%s",
                a, endings.get(a), b, endings.get(b), question.item().query()));
      }
    }
    return candidates;
  }

  @Test
  void mmlu_consecutiveQuestions_shareTheirShots() {
    BenchmarkFixtures.mmlu(directory);
    PreparedTask task = prepare(new TaskPlan(Benchmark.MMLU, 2, null, 1));
    assertThat(task.questions())
        .extracting(PreparedTask.Question::subject)
        .containsExactly("knots", "sea_birds", "sea_birds");
    int[] second = task.choices().get(1).contextTokens();
    assertThat(task.choices().get(0).sharedPrefix(second)).isLessThan(second.length / 2);
    assertThat(task.choices().get(2).sharedPrefix(second)).isGreaterThan(second.length / 2);
  }

  @Test
  void prepare_unusableQuestions_isRefused() {
    BenchmarkFixtures.all(directory);
    assertRefused(
        () -> prepare(new TaskPlan(Benchmark.ARC_CHALLENGE, 4, null, 1)),
        "arc_challenge has 3 examples: expected 4",
        "--shots arc_challenge=N");
    assertRefused(() -> prepare(new TaskPlan(Benchmark.MMLU, 3, null, 1)), "knots has 2 examples");
    assertRefused(
        () -> prepare(new TaskPlan(Benchmark.HELLASWAG, 4, null, 1)),
        "hellaswag has 4 questions and no training file");
    assertRefused(() -> new TaskPlan(Benchmark.TRUTHFULQA_MC2, 1, null, 1), "expected 0");
    assertRefused(() -> new TaskPlan(Benchmark.MMLU, -1, null, 1), "mmlu=-1");
    assertRefused(() -> new TaskPlan(Benchmark.MMLU, 1, 0, 1), "--limit is 0");
    PreparedTask task = prepare(new TaskPlan(Benchmark.ARC_CHALLENGE, 1, null, 1));
    task.requireLength(task.length());
    assertRefused(
        () -> task.requireLength(task.length() - 1),
        "arc_challenge with 1 shots needs " + task.length() + " tokens",
        "--shots arc_challenge=N");
  }

  private static void assertRefused(Runnable action, String... parts) {
    assertThatThrownBy(action::run).isInstanceOf(BadInputException.class).message().contains(parts);
  }
}
