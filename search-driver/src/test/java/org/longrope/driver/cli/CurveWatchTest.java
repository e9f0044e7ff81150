package org.longrope.driver.cli;

import static org.assertj.core.api.Assertions.assertThat;

import java.time.Duration;
import java.util.ArrayList;
import java.util.Collections;
import java.util.List;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CopyOnWriteArrayList;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.Test;
import org.longrope.eval.training.Trainer;

class CurveWatchTest {
  private static Trainer.Step step(int number) {
    return new Trainer.Step(number, 1, 1, 1);
  }

  @Test
  void close_whileTheWatchShowsAStep_showsEveryStepOnce() throws Exception {
    List<Trainer.Step> curve = new CopyOnWriteArrayList<>(List.of(step(1)));
    List<Integer> shown = Collections.synchronizedList(new ArrayList<>());
    CountDownLatch showing = new CountDownLatch(1);
    CountDownLatch closing = new CountDownLatch(1);
    CurveWatch watch =
        new CurveWatch(
            () -> List.copyOf(curve),
            step -> {
              shown.add(step.step());
              showing.countDown();
              await(closing);
            },
            Duration.ofMillis(1));
    curve.addAll(List.of(step(2), step(3)));
    await(showing);
    CompletableFuture<Void> closed = CompletableFuture.runAsync(watch::close);
    // Time in which a second thread would show the same steps.
    TimeUnit.MILLISECONDS.sleep(200);
    curve.add(step(4));
    closing.countDown();
    closed.get(1, TimeUnit.MINUTES);
    assertThat(shown).containsExactly(2, 3, 4);
  }

  private static void await(CountDownLatch latch) {
    try {
      assertThat(latch.await(1, TimeUnit.MINUTES)).isTrue();
    } catch (InterruptedException e) {
      throw new IllegalStateException(e);
    }
  }
}
