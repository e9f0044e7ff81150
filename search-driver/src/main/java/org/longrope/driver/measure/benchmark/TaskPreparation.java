package org.longrope.driver.measure.benchmark;

import java.util.ArrayList;
import java.util.Collection;
import java.util.List;
import java.util.Set;
import java.util.function.IntConsumer;
import java.util.stream.IntStream;
import org.longrope.driver.store.files.StoredFile;
import org.longrope.eval.BadInputException;
import org.longrope.eval.choices.PromptEncoder;

/** Preparation of a benchmark: it reads files, chooses questions and shots, and makes prompts. */
public final class TaskPreparation {
  /** Share of questions, 1 in so many, that become examples where a benchmark has none. */
  private static final int HELD_OUT_OF = 10;

  private final TaskPlan plan;
  private final QuestionSampler draw;

  private TaskPreparation(TaskPlan plan) {
    this.plan = plan;
    draw = new QuestionSampler(plan.seed(), plan.benchmark());
  }

  /** Question before it is tokenised. */
  private record Asked(Subject subject, Item item, List<Item> shots) {
    PreparedTask.Question encoded(PromptEncoder encoder) {
      String id = subject.name() + " " + item.id();
      String prompt = subject.prompt(shots, item);
      return new PreparedTask.Question(
          subject.name(), item, encoder.encode(id, prompt, item.continuations()));
    }
  }

  /**
   * Prepares the questions of a plan and tokenises them on all cores.
   *
   * @param benchmarks directory that holds one directory a benchmark
   * @param progress called after each question, in any thread, with their number
   * @throws BadInputException naming the file and the place if something cannot be used
   */
  public static PreparedTask prepare(
      TaskPlan plan, StoredFile benchmarks, PromptEncoder encoder, IntConsumer progress) {
    BenchmarkFiles files = plan.benchmark().read(benchmarks);
    boolean heldOut =
        plan.shots() > 0
            && files.subjects().stream().anyMatch(subject -> subject.examples().isEmpty());
    TaskPreparation preparation = new TaskPreparation(plan);
    List<Subject> subjects =
        heldOut ? files.subjects().stream().map(preparation::holdOut).toList() : files.subjects();
    List<Asked> asked = new ArrayList<>();
    for (int s = 0; s < subjects.size(); s++) {
      asked.addAll(preparation.asked(subjects.get(s), s));
    }
    return new PreparedTask(
        plan,
        subjects.stream().mapToInt(subject -> subject.examples().size()).sum(),
        heldOut,
        files.files(),
        asked.parallelStream()
            .map(
                question -> {
                  PreparedTask.Question encoded = question.encoded(encoder);
                  progress.accept(asked.size());
                  return encoded;
                })
            .toList());
  }

  /**
   * Checks that the files of a plan exist and can be used.
   *
   * @throws BadInputException naming the file and the place if not
   */
  public static void requireReadable(TaskPlan plan, StoredFile benchmarks) {
    plan.benchmark().read(benchmarks);
  }

  private List<Asked> asked(Subject subject, int place) {
    int examples = subject.examples().size();
    if (examples < plan.shots()) {
      throw BadInputException.of(
          "%s has %d examples: expected %d, one a shot; lower --shots %s=N.",
          subject.name(), examples, plan.shots(), plan.benchmark());
    }
    int all = subject.asked().size();
    Integer limit = plan.limit();
    Collection<Integer> indexes =
        limit == null || limit >= all
            ? IntStream.range(0, all).boxed().toList()
            : draw.asked(all, limit, place);
    return indexes.stream()
        .map(
            i ->
                new Asked(
                    subject,
                    subject.asked().get(i),
                    draw.shots(subject.examples(), i, plan.shots())))
        .toList();
  }

  /** Turns some questions into examples, which are then not asked. */
  private Subject holdOut(Subject subject) {
    int all = subject.asked().size();
    int count = Math.max(plan.shots(), all / HELD_OUT_OF);
    if (count >= all) {
      throw BadInputException.of(
          "%s has %d questions and no training file: expected more than %d questions, to take %d of"
              + " them for shots; add the training file, or lower --shots %s=N.",
          plan.benchmark(), all, count, count, plan.benchmark());
    }
    Set<Integer> out = draw.heldOut(all, count);
    return new Subject(
        subject.name(),
        subject.introduction(),
        IntStream.range(0, all)
            .filter(i -> !out.contains(i))
            .mapToObj(subject.asked()::get)
            .toList(),
        out.stream().map(subject.asked()::get).toList());
  }
}
