package org.longrope.driver.cli;

import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Locale;
import org.longrope.driver.benchmark.PreparedTask;
import org.longrope.driver.benchmark.TaskResult;
import org.longrope.eval.choices.ChoiceScore;
import org.longrope.eval.choices.ChoiceScorer;
import org.longrope.eval.choices.Choices;
import org.longrope.eval.decoder.StopSignal;

/** Asks all questions of all tasks, and says now and then how far it is, by tokens read. */
final class BenchmarkProgress {
  private final List<PreparedTask> tasks;
  private final PacedProgress progress = new PacedProgress();
  private final long total;
  private long read;

  BenchmarkProgress(List<PreparedTask> tasks) {
    this.tasks = tasks;
    total = tasks.stream().mapToLong(task -> Arrays.stream(task.costs()).sum()).sum();
  }

  /** One result for each task. */
  List<TaskResult> ask(ChoiceScorer scorer) {
    List<TaskResult> results = new ArrayList<>();
    for (PreparedTask task : tasks) {
      long[] costs = task.costs();
      List<Choices> questions = task.choices();
      List<ChoiceScore> scores = new ArrayList<>();
      for (int q = 0; q < costs.length; q++) {
        scores.add(scorer.score(questions.get(q), StopSignal.NEVER));
        read += costs[q];
        String line =
            String.format(
                Locale.ROOT, "%s %,d/%,d questions", task.plan().benchmark(), q + 1, costs.length);
        progress.say(line, read, total, q + 1 == costs.length);
      }
      results.add(task.result(scores));
    }
    return results;
  }
}
