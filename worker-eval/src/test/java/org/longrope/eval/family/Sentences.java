package org.longrope.eval.family;

import static org.assertj.core.api.Assertions.assertThat;

import org.longrope.eval.BadInputException;

/** Checks of messages for bad input. */
final class Sentences {
  private Sentences() {}

  /** Asserts that a failure is bad input that is told in one sentence, with what was expected. */
  static void assertIsOne(Throwable thrown) {
    assertThat(thrown).isInstanceOf(BadInputException.class);
    assertThat(thrown.getMessage())
        .contains("expected")
        .doesNotContain("\n")
        .endsWith(".")
        .hasSizeLessThan(1200);
  }
}
