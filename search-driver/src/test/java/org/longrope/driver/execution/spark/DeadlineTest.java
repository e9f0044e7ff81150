package org.longrope.driver.execution.spark;

import static org.assertj.core.api.Assertions.assertThat;

import java.time.Duration;
import org.junit.jupiter.api.Test;

class DeadlineTest {
  @Test
  void set_staysWhateverEvaluationsTake() {
    Deadline deadline = new Deadline(Duration.ofSeconds(90));
    deadline.observe(4000);
    assertThat(deadline.now()).isEqualTo(Duration.ofSeconds(90));
  }

  @Test
  void notSet_isTenTimesTheSlowestButNeverShort() {
    Deadline deadline = new Deadline(null);
    assertThat(deadline.now()).isEqualTo(Duration.ofHours(6));
    deadline.observe(0.01);
    assertThat(deadline.now()).isEqualTo(Duration.ofMinutes(5));
    deadline.observe(2000);
    deadline.observe(40);
    assertThat(deadline.now()).isEqualTo(Duration.ofSeconds(20_000));
  }
}
