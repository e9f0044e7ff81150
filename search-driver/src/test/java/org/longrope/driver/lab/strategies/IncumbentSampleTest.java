package org.longrope.driver.lab.strategies;

import static org.assertj.core.api.Assertions.assertThat;

import java.util.List;
import java.util.stream.IntStream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;
import org.longrope.driver.run.results.Trajectory.Incumbent;
import org.longrope.eval.rope.RescaleFactors;
import org.longrope.eval.rope.Rescaling;

class IncumbentSampleTest {
  private static List<Incumbent> incumbents(int count) {
    return IntStream.rangeClosed(1, count)
        .mapToObj(
            i ->
                new Incumbent(
                    100L * i, new Rescaling(RescaleFactors.uniform(2, i), 0, 1), 10.0 / i))
        .toList();
  }

  @ParameterizedTest
  @ValueSource(ints = {1, 2, 20, 21})
  void of_fewIncumbents_returnsAll(int count) {
    assertThat(IncumbentSample.of(incumbents(count))).isEqualTo(incumbents(count));
  }

  @ParameterizedTest
  @ValueSource(ints = {22, 60, 1000})
  void of_manyIncumbents_returnsBothEndsAndOthersSpacedInLogTokens(int count) {
    List<Incumbent> all = incumbents(count);
    List<Incumbent> sample = IncumbentSample.of(all);

    assertThat(sample).hasSizeBetween(12, IncumbentSample.OTHERS + 1).doesNotHaveDuplicates();
    assertThat(sample)
        .isSubsetOf(all)
        .isSortedAccordingTo((a, b) -> all.indexOf(a) - all.indexOf(b));
    assertThat(sample).contains(all.get(0), all.get(count - 2), all.get(count - 1));
    double step = Math.log(count - 1) / (IncumbentSample.OTHERS - 1);
    for (int i = 1; i < sample.size() - 1; i++) {
      double before = Math.log(sample.get(i - 1).evaluatedTokens());
      boolean neighbours = all.indexOf(sample.get(i)) == all.indexOf(sample.get(i - 1)) + 1;
      assertThat(Math.log(sample.get(i).evaluatedTokens()) - before)
          .satisfiesAnyOf(
              gap -> assertThat(gap).isLessThan(2 * step), gap -> assertThat(neighbours).isTrue());
    }
  }

  @Test
  void between_sampleWithAGoodEnoughOne_returnsThoseBeforeIt() {
    List<Incumbent> all = incumbents(10);
    List<Incumbent> sample = List.of(all.get(0), all.get(4), all.get(9));
    assertThat(IncumbentSample.between(all, sample, Incumbent::perplexity, 10.0 / 4))
        .isEqualTo(all.subList(1, 4));
    assertThat(IncumbentSample.between(all, sample, Incumbent::perplexity, 10.0 / 7))
        .isEqualTo(all.subList(5, 9));
    assertThat(IncumbentSample.between(all, sample, Incumbent::perplexity, 10)).isEmpty();
    assertThat(IncumbentSample.between(all, sample, Incumbent::perplexity, 0.5)).isEmpty();
  }
}
