package org.longrope.driver.lab.bench;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.io.IOException;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.longrope.eval.BadInputException;
import org.longrope.search.SearchMode;
import org.longrope.search.StrategyConfig;
import org.longrope.search.cmaes.CmaEsSettings;
import org.longrope.search.genetic.GeneticSettings;
import org.longrope.search.gradient.GradientSettings;

/** Searches in simulated time alone: the driver takes none. */
class SlotsBenchTest {
  private static SlotsBench.Row run(StrategyConfig config, SearchMode mode, int slots)
      throws IOException {
    return SlotsBench.run(config, mode, slots, 42, () -> 0);
  }

  private static StrategyConfig cmaes(int budget) {
    return SlotsBench.config(CmaEsSettings.DEFINITION, budget, 42);
  }

  @ParameterizedTest
  @CsvSource({"2, 1000, 0.99", "64, 1000, 0.9", "256, 4000, 0.8"})
  void asynchronousCmaEs_keepsUnevenSlotsBusy(int slots, int budget, double share)
      throws IOException {
    assertThat(run(cmaes(budget), SearchMode.ASYNCHRONOUS, slots).utilisation())
        .isGreaterThan(share);
  }

  /** Two slots: no more evaluations than with generations, for a result that is as good. */
  @Test
  void asynchronousCmaEs_onTwoSlots_needsNoMoreEvaluations() throws IOException {
    SlotsBench.Row generational = run(cmaes(1000), SearchMode.GENERATIONAL, 2);
    SlotsBench.Row asynchronous = run(cmaes(1000), SearchMode.ASYNCHRONOUS, 2);
    assertThat(asynchronous.evaluations()).isLessThanOrEqualTo(generational.evaluations());
    assertThat(asynchronous.logPerplexity()).isLessThan(generational.logPerplexity() + 0.001);
  }

  @Test
  void simulation_withAClockThatStands_isTheSameAgain() throws IOException {
    assertThat(run(cmaes(200), SearchMode.ASYNCHRONOUS, 20))
        .isEqualTo(run(cmaes(200), SearchMode.ASYNCHRONOUS, 20));
  }

  @Test
  void strategiesThatCannotBeSimulated_areRejected() {
    assertThatThrownBy(() -> SlotsBench.config(GeneticSettings.DEFINITION, 100, 42))
        .isInstanceOf(BadInputException.class)
        .hasMessage(
            "--budget is given: expected none with strategy genetic, which has no such setting.");
    assertThatThrownBy(() -> SlotsBench.config(GradientSettings.DEFINITION, null, 42))
        .isInstanceOf(BadInputException.class)
        .hasMessageStartingWith("--strategy is gradient: expected one without gradients");
    assertThatThrownBy(() -> run(cmaes(50), SearchMode.ASYNCHRONOUS, 2))
        .isInstanceOf(BadInputException.class)
        .hasMessageStartingWith("budget is 50: expected 62 or more");
  }
}
