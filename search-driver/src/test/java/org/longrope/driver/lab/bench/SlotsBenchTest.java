package org.longrope.driver.lab.bench;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.io.IOException;
import java.util.Map;
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
  private static final SlotsBench BENCH = new SlotsBench(5, 42, () -> 0);

  private static SlotsBench.Row run(StrategyConfig config, SearchMode mode, int slots)
      throws IOException {
    return BENCH.run(config, mode, slots);
  }

  private static StrategyConfig cmaes(int budget) {
    return BENCH.config(CmaEsSettings.DEFINITION, Map.of("budget", "" + budget));
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

  /** Descents take turns, so that a slow executor keeps one of them waiting and not all. */
  @ParameterizedTest
  @CsvSource({"16, 16, 4, 0.9", "64, 32, 8, 0.8"})
  void gradient_withSeveralDescents_keepsUnevenSlotsBusy(
      int slots, int batch, int descents, double share) throws IOException {
    SlotsBench bench = new SlotsBench(48, 42, () -> 0);
    StrategyConfig config =
        bench.config(
            GradientSettings.DEFINITION,
            Map.of("batch", "" + batch, "descents", "" + descents, "steps", "20"));
    assertThat(bench.run(config, SearchMode.GENERATIONAL, slots).utilisation())
        .isGreaterThan(share);
  }

  @Test
  void strategiesThatCannotBeSimulated_areRejected() {
    assertThatThrownBy(() -> BENCH.config(GeneticSettings.DEFINITION, Map.of("budget", "100")))
        .isInstanceOf(BadInputException.class)
        .hasMessage(
            "--set names budget: expected one of [population, parents, mutations, crossovers,"
                + " iterations, mutation-probability], the settings of strategy genetic.");
    assertThatThrownBy(() -> BENCH.config(GradientSettings.DEFINITION, Map.of("batch", "few")))
        .isInstanceOf(BadInputException.class)
        .hasMessage("--set batch is few: expected a whole number, 1 or more.");
    assertThatThrownBy(() -> run(cmaes(50), SearchMode.ASYNCHRONOUS, 2))
        .isInstanceOf(BadInputException.class)
        .hasMessageStartingWith("budget is 50: expected 62 or more");
  }
}
