package org.longrope.driver.lab.bench;

import java.util.ArrayDeque;
import java.util.Comparator;
import java.util.PriorityQueue;
import java.util.Queue;
import java.util.Random;
import java.util.function.LongSupplier;
import org.longrope.driver.execution.EvaluationTask;
import org.longrope.driver.execution.ModelTask;
import org.longrope.driver.execution.TaskExecutor;
import org.longrope.driver.execution.TaskGroup;
import org.longrope.driver.execution.TaskResult;

/**
 * Uneven executors in simulated time: a slot is up to three times slower than the fastest, and each
 * evaluation deviates by a quarter. The driver takes the time of a clock between two answers, in
 * which slots continue their tasks.
 */
final class SimulatedTaskExecutor implements TaskExecutor {
  private static final double MEAN_SECONDS = 60;

  /** Time of a gradient in evaluations without. */
  private static final double GRADIENT = 3.7;

  private static final double SLOWEST = 3;
  private static final double DEVIATION = 0.25;

  private final LongSupplier nanoTime;
  private final double[] slowness;
  private final Random random;
  private final Queue<ModelTask<?>> waiting = new ArrayDeque<>();
  private final Queue<Integer> free = new ArrayDeque<>();
  private final Queue<TaskResult<?>> answers = new ArrayDeque<>();
  private final PriorityQueue<Running> running =
      new PriorityQueue<>(Comparator.comparingDouble(Running::end));

  private double now;
  private double busy;
  private double driverSeconds;
  private long answered;
  private long returnedAt;

  private record Running(ModelTask<?> task, int slot, double begin, double end) {}

  /**
   * Makes executors of which all slots are free.
   *
   * @param seed of the executors' speeds
   * @param nanoTime clock of the driver's time
   */
  SimulatedTaskExecutor(int slots, long seed, LongSupplier nanoTime) {
    this.nanoTime = nanoTime;
    returnedAt = nanoTime.getAsLong();
    random = new Random(seed);
    slowness = random.doubles(slots, 1, SLOWEST).toArray();
    for (int slot = 0; slot < slots; slot++) {
      free.add(slot);
    }
  }

  @Override
  public void submit(TaskGroup group) {
    driverWorked();
    waiting.addAll(group.tasks());
    dispatch(now);
    returnedAt = nanoTime.getAsLong();
  }

  @Override
  public TaskResult<?> take() {
    driverWorked();
    if (answers.isEmpty()) {
      Running next = running.peek();
      if (next == null) {
        throw new IllegalStateException("Every submitted task has been answered");
      }
      goTo(next.end());
    }
    answered++;
    TaskResult<?> answer = answers.remove();
    returnedAt = nanoTime.getAsLong();
    return answer;
  }

  private void driverWorked() {
    double seconds = (nanoTime.getAsLong() - returnedAt) * 1e-9;
    driverSeconds += seconds;
    goTo(now + seconds);
  }

  private void goTo(double time) {
    for (Running next = running.peek(); next != null && next.end() <= time; next = running.peek()) {
      running.remove();
      busy += next.end() - next.begin();
      answers.add(answer((EvaluationTask) next.task(), next.end() - next.begin()));
      free.add(next.slot());
      dispatch(next.end());
    }
    now = time;
  }

  private void dispatch(double at) {
    while (!free.isEmpty() && !waiting.isEmpty()) {
      int slot = free.remove();
      ModelTask<?> task = waiting.remove();
      double seconds = MEAN_SECONDS * slowness[slot] * Math.exp(DEVIATION * random.nextGaussian());
      double cost = ((EvaluationTask) task).gradient() ? GRADIENT : 1;
      running.add(new Running(task, slot, at, at + cost * seconds));
    }
  }

  private static TaskResult<?> answer(EvaluationTask task, double seconds) {
    return task.completed(SimulatedLoss.score(task, seconds), "f32", null);
  }

  @Override
  public int slots() {
    return slowness.length;
  }

  /** Returns the share of all slots' time in which they evaluated. */
  double utilisation() {
    return busy / (now * slowness.length);
  }

  /** Returns the real time of the driver for each answer. */
  double driverMsPerEvaluation() {
    return 1000 * driverSeconds / answered;
  }

  /** Returns the number of evaluations so far. */
  long evaluations() {
    return answered;
  }

  /** Returns the simulated hours. */
  double hours() {
    return now / 3600;
  }
}
