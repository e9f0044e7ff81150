package org.longrope.driver.measure.benchmark;

import com.fasterxml.jackson.databind.node.ArrayNode;
import com.fasterxml.jackson.databind.node.JsonNodeFactory;
import com.fasterxml.jackson.databind.node.ObjectNode;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.Collection;
import java.util.Collections;
import java.util.HashMap;
import java.util.IntSummaryStatistics;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.function.IntFunction;
import org.longrope.driver.execution.ChoiceTask;
import org.longrope.driver.execution.TaskGroup;
import org.longrope.driver.execution.TaskResult;
import org.longrope.driver.factors.RescalingJson;
import org.longrope.driver.store.TaskLog;
import org.longrope.eval.choices.ChoiceBatch;
import org.longrope.eval.choices.ChoiceScore;
import org.longrope.eval.choices.Choices;
import org.longrope.eval.rope.Rescaling;

/**
 * The questions of several tasks, numbered through from 0, each with the rescaling of its own
 * length. Those of a subject under one rescaling are asked in batches that read their common
 * beginning once; which questions are in a batch changes none of their scores.
 */
public final class Questionnaire {
  /** A batch reads the beginning anew: that is to be at most one of nine tokens. */
  private static final int OWN_TOKENS = 8;

  private final List<PreparedTask> tasks;
  private final List<Choices> questions;
  private final Map<Key, Group> groups = new LinkedHashMap<>();

  private record Key(Benchmark benchmark, String subject, Rescaling rescaling) {}

  /** Questions by their numbers, ascending; what they begin with is reckoned over all of them. */
  private record Group(List<Integer> numbers, int shared, int capacity) {}

  /**
   * Questions that are read together.
   *
   * @param numbers of its questions, in their order
   */
  public record Batch(List<Integer> numbers, ChoiceTask task) {}

  private final List<Batch> batches = new ArrayList<>();

  /**
   * Prepares the questions of tasks.
   *
   * @param rescaling by a question's length, its prompt with its longest choice, in tokens
   */
  public Questionnaire(List<PreparedTask> tasks, IntFunction<Rescaling> rescaling) {
    this.tasks = List.copyOf(tasks);
    questions = tasks.stream().flatMap(task -> task.choices().stream()).toList();
    Map<Integer, Rescaling> byLength = new HashMap<>();
    Map<Key, List<Integer>> numbers = new LinkedHashMap<>();
    int number = 0;
    for (PreparedTask task : tasks) {
      for (PreparedTask.Question question : task.questions()) {
        Rescaling held = byLength.computeIfAbsent(question.choices().longest(), rescaling::apply);
        numbers
            .computeIfAbsent(
                new Key(task.plan().benchmark(), question.subject(), held),
                key -> new ArrayList<>())
            .add(number++);
      }
    }
    numbers.forEach((key, list) -> groups.put(key, group(list)));
    groups.forEach(this::addBatches);
  }

  private Group group(List<Integer> numbers) {
    int[] beginning = questions.get(numbers.get(0)).contextTokens();
    int capacity = 0;
    for (int number : numbers) {
      Choices choices = questions.get(number);
      beginning = Arrays.copyOf(beginning, choices.sharedPrefix(beginning));
      capacity = Math.max(capacity, choices.longest());
    }
    return new Group(List.copyOf(numbers), beginning.length, capacity);
  }

  /** Number of questions of all tasks. */
  public int size() {
    return questions.size();
  }

  /** Tokens of the longest question. */
  public int length() {
    return questions.stream().mapToInt(Choices::longest).max().orElseThrow();
  }

  /** The name of the task that a question is of. */
  public String task(int number) {
    int first = 0;
    for (PreparedTask task : tasks) {
      first += task.questions().size();
      if (number < first) {
        return task.plan().benchmark().toString();
      }
    }
    throw new IllegalArgumentException("No question " + number + " of " + first);
  }

  private void addBatches(Key key, Group group) {
    List<Integer> open = new ArrayList<>();
    for (int number : group.numbers()) {
      open.add(number);
      Batch batch = batch(key.rescaling(), group, open);
      if (batch.task().batch().tokens() >= (1L + OWN_TOKENS) * group.shared()) {
        batches.add(batch);
        open.clear();
      }
    }
    if (!open.isEmpty()) {
      batches.add(batch(key.rescaling(), group, open));
    }
  }

  /** Returns all questions, in their order except for their rescalings. */
  public List<Batch> batches() {
    return Collections.unmodifiableList(batches);
  }

  /** Returns a group of tasks for each benchmark. */
  public List<TaskGroup> taskGroups() {
    Map<String, List<ChoiceTask>> byBenchmark = new LinkedHashMap<>();
    for (Batch batch : batches) {
      byBenchmark
          .computeIfAbsent(task(batch.numbers().get(0)), name -> new ArrayList<>())
          .add(batch.task());
    }
    List<TaskGroup> all = new ArrayList<>();
    byBenchmark.forEach((name, tasks) -> all.add(TaskGroup.of("benchmark", name, tasks)));
    return all;
  }

  private Batch batch(Rescaling rescaling, Group group, Collection<Integer> numbers) {
    Choices[] choices = numbers.stream().map(questions::get).toArray(Choices[]::new);
    return new Batch(
        List.copyOf(numbers),
        new ChoiceTask(new ChoiceBatch(rescaling, group.shared(), group.capacity(), choices)));
  }

  /**
   * Grades the results.
   *
   * @return one result for each benchmark
   * @throws IllegalStateException if a question has no result, or a log-likelihood is not a number
   */
  public List<BenchmarkResult> results(TaskLog log) {
    ChoiceScore[] byNumber = new ChoiceScore[questions.size()];
    for (Batch batch : batches) {
      if (!(log.result(batch.task()) instanceof TaskResult.Completed<ChoiceScore[]> completed)) {
        throw new IllegalStateException("No result of " + batch.task().name());
      }
      for (int q = 0; q < batch.numbers().size(); q++) {
        byNumber[batch.numbers().get(q)] = completed.value()[q];
      }
    }
    List<BenchmarkResult> results = new ArrayList<>();
    int number = 0;
    for (PreparedTask task : tasks) {
      List<ChoiceScore> scores = new ArrayList<>();
      for (int q = 0; q < task.questions().size(); q++) {
        scores.add(byNumber[number++]);
      }
      results.add(task.result(scores));
    }
    return results;
  }

  /** Each rescaling that questions are read under, with how many they are and how long. */
  public ArrayNode rescalings() {
    Map<Rescaling, IntSummaryStatistics> lengths = new LinkedHashMap<>();
    groups.forEach(
        (key, group) -> {
          IntSummaryStatistics statistics =
              lengths.computeIfAbsent(key.rescaling(), held -> new IntSummaryStatistics());
          group.numbers().forEach(number -> statistics.accept(questions.get(number).longest()));
        });
    ArrayNode json = JsonNodeFactory.instance.arrayNode();
    lengths.entrySet().stream()
        .sorted((a, b) -> Integer.compare(a.getValue().getMin(), b.getValue().getMin()))
        .forEach(
            entry -> {
              ObjectNode row = json.addObject();
              row.put("questions", entry.getValue().getCount());
              row.put("shortest", entry.getValue().getMin());
              row.put("longest", entry.getValue().getMax());
              RescalingJson.put(row, entry.getKey());
            });
    return json;
  }
}
