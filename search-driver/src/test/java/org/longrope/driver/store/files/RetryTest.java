package org.longrope.driver.store.files;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.atomic.AtomicInteger;
import org.junit.jupiter.api.Test;

class RetryTest {
  private static final Retry FAST =
      new Retry(Duration.ofMillis(1), Duration.ofMillis(2), Duration.ofMinutes(10));
  private static final Retry ONCE = Retry.every(Duration.ofMillis(1), Duration.ofNanos(-1));

  @Test
  void call_failsTwice_returnsTheThirdResultAndReportsTheFirstFailure() throws Exception {
    AtomicInteger attempts = new AtomicInteger();
    List<String> failures = new ArrayList<>();
    int result =
        FAST.call(
            () -> {
              int attempt = attempts.incrementAndGet();
              if (attempt < 3) {
                throw new IllegalStateException("attempt " + attempt);
              }
              return attempt;
            },
            IllegalStateException.class,
            failure -> failures.add(failure.getMessage()));
    assertThat(result).isEqualTo(3);
    assertThat(failures).containsExactly("attempt 1");
  }

  @Test
  void call_timeIsOver_throwsTheFailure() {
    assertThatThrownBy(
            () ->
                ONCE.call(
                    () -> {
                      throw new IllegalStateException("no room");
                    },
                    IllegalStateException.class,
                    failure -> {}))
        .isInstanceOf(IllegalStateException.class)
        .hasMessage("no room");
  }

  @Test
  void call_anotherFailure_isNotRepeated() {
    AtomicInteger attempts = new AtomicInteger();
    assertThatThrownBy(
            () ->
                FAST.call(
                    () -> {
                      attempts.incrementAndGet();
                      throw new IllegalArgumentException("never right");
                    },
                    IllegalStateException.class,
                    failure -> {}))
        .isInstanceOf(IllegalArgumentException.class);
    assertThat(attempts).hasValue(1);
  }

  @Test
  void until_conditionHoldsLater_returnsTrue() throws Exception {
    AtomicInteger looks = new AtomicInteger();
    assertThat(FAST.until(() -> looks.incrementAndGet() == 4)).isTrue();
    assertThat(ONCE.until(() -> false)).isFalse();
  }
}
