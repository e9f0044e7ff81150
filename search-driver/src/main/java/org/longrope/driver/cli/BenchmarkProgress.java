package org.longrope.driver.cli;

import java.util.HashMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.function.Consumer;
import org.longrope.driver.measure.benchmark.Questionnaire;
import org.longrope.driver.measure.benchmark.Questionnaire.Batch;

/**
 * Says now and then how far the asking of questions is, by tokens read, and when a task is done.
 */
final class BenchmarkProgress implements Consumer<Batch> {
  private final Questionnaire questionnaire;
  private final PacedProgress progress = new PacedProgress();
  private final Map<String, Integer> questions = new HashMap<>();
  private final Map<String, Integer> answered = new HashMap<>();
  private final long total;
  private long read;

  /**
   * @param open batches that are to be asked
   */
  BenchmarkProgress(Questionnaire questionnaire, List<Batch> open) {
    this.questionnaire = questionnaire;
    for (int number = 0; number < questionnaire.size(); number++) {
      questions.merge(questionnaire.task(number), 1, Integer::sum);
    }
    answered.putAll(questions);
    open.forEach(batch -> answered.merge(task(batch), -batch.numbers().size(), Integer::sum));
    total = open.stream().mapToLong(batch -> batch.choices().tokens()).sum();
  }

  private String task(Batch batch) {
    return questionnaire.task(batch.numbers().get(0));
  }

  @Override
  public void accept(Batch batch) {
    String task = task(batch);
    int done = answered.merge(task, batch.numbers().size(), Integer::sum);
    int all = questions.getOrDefault(task, done);
    read += batch.choices().tokens();
    String line = String.format(Locale.ROOT, "%s %,d/%,d questions", task, done, all);
    progress.say(line, read, total, done == all);
  }
}
