package org.longrope.search;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatIllegalArgumentException;
import static org.assertj.core.api.Assertions.assertThatIllegalStateException;
import static org.longrope.search.Fixtures.SPACE;

import java.util.SplittableRandom;
import org.junit.jupiter.api.Test;
import org.longrope.eval.rope.RescaleFactors;

class CandidateTest {
  private static final SearchSpace FOUR_PAIRS = Fixtures.space(8, 256, 2048);

  /** Position 0 is rotated by no angle, whatever its factor. */
  @Test
  void nearest_oneStartToken_isTheCandidateWithoutAny() {
    RescaleFactors ones = RescaleFactors.uniform(SPACE.pairs(), 1);
    assertThat(Candidate.nearest(ones, 1, SPACE)).isEqualTo(Candidate.nearest(ones, 0, SPACE));
    assertThat(SPACE.startTokens()).doesNotContain(1);
  }

  @Test
  void of_oneStartToken_isReadAsEarlierVersionsWroteIt() {
    assertThat(Candidate.of(new int[] {100, 200}, 1).startTokens()).isEqualTo(1);
  }

  @Test
  void nearest_offGrid_roundsEachFactor() {
    Candidate candidate =
        Candidate.nearest(RescaleFactors.of(1.004, 1.006, 2.5, 7.999), 4, FOUR_PAIRS);

    assertThat(candidate.hundredths()).containsExactly(100, 101, 250, 800);
    assertThat(candidate.factors()).isEqualTo(RescaleFactors.of(1, 1.01, 2.5, 8));
    assertThat(candidate.startTokens()).isEqualTo(4);
  }

  @Test
  void nearest_outOfBounds_clamps() {
    Candidate candidate =
        Candidate.nearest(RescaleFactors.of(0.2, 1, 10.004, 1e300), 9999, FOUR_PAIRS);

    assertThat(candidate.hundredths()).containsExactly(100, 100, 1000, 1000);
    assertThat(candidate.startTokens()).isEqualTo(256);
  }

  @Test
  void nearest_ofDescendingFactors_isMonotone() {
    Candidate candidate = Candidate.nearest(RescaleFactors.of(1, 3, 2, 4), 6, FOUR_PAIRS);

    assertThat(candidate.hundredths()).containsExactly(100, 250, 250, 400);
    assertThat(candidate.startTokens()).as("the lower of two as near").isEqualTo(4);
  }

  @Test
  void nearest_ofOwnFactors_isEqual() {
    SplittableRandom random = new SplittableRandom(1);
    for (int n = 0; n < 1000; n++) {
      Candidate candidate = Fixtures.random(SPACE, 901, random);
      assertThat(Candidate.nearest(candidate.factors(), candidate.startTokens(), SPACE))
          .isEqualTo(candidate);
    }
  }

  @Test
  void free_ofAnyOrder_keepsMillionths() {
    Candidate candidate = Candidate.free(new double[] {250.12345, 100, 100.00004}, 4, 987.6543);

    assertThat(candidate.factors()).isEqualTo(RescaleFactors.of(2.501235, 1, 1));
    assertThat(candidate.attention()).isEqualTo(987.654);
    assertThat(Candidate.free(candidate.inHundredths(), 4, candidate.attention()))
        .isEqualTo(candidate)
        .extracting(Candidate::id)
        .isEqualTo(candidate.id());
    assertThat(candidate.isOnGrid()).isFalse();
    assertThatIllegalStateException().isThrownBy(candidate::hundredths);
    assertThatIllegalArgumentException()
        .isThrownBy(() -> Candidate.free(new double[] {1e-9}, 0, 1000));
  }

  @Test
  void free_onTheGrid_isTheCandidateOfTheGrid() {
    Candidate onGrid = Candidate.of(new int[] {100, 150}, 2, 1050);

    assertThat(Candidate.free(new double[] {100, 150}, 2, 1050)).isEqualTo(onGrid);
    assertThat(onGrid.withStartTokens(8)).isEqualTo(Candidate.of(new int[] {100, 150}, 8, 1050));
  }

  @Test
  void nearest_withAnotherNumberOfPairs_isRejected() {
    assertThatIllegalArgumentException()
        .isThrownBy(() -> Candidate.nearest(RescaleFactors.of(1, 2), 0, SPACE))
        .withMessageContaining("2 factors in a space of 32");
  }

  @Test
  void of_invalidGenome_isRejected() {
    assertThatIllegalArgumentException().isThrownBy(() -> Candidate.of(new int[] {200, 199}, 0));
    assertThatIllegalArgumentException().isThrownBy(() -> Candidate.of(new int[] {0, 199}, 0));
    assertThatIllegalArgumentException().isThrownBy(() -> Candidate.of(new int[] {}, 0));
    assertThatIllegalArgumentException().isThrownBy(() -> Candidate.of(new int[] {100}, -1));
  }

  @Test
  void identity_isTheGenome() {
    int[] genome = {100, 150};
    Candidate candidate = Candidate.of(genome, 2);
    genome[0] = 1;
    candidate.hundredths()[0] = 1;

    assertThat(candidate).isEqualTo(Candidate.of(new int[] {100, 150}, 2));
    assertThat(candidate).hasSameHashCodeAs(Candidate.of(new int[] {100, 150}, 2));
    assertThat(candidate).isNotEqualTo(Candidate.of(new int[] {100, 150}, 4));
    assertThat(candidate).isNotEqualTo(Candidate.of(new int[] {100, 151}, 2));
  }

  /** Journals keep ids: this one must not change with a release. */
  @Test
  void id_isStable() {
    // printf '\0\0\0\2\0\0\0\x64\0\0\0\x96' | sha256sum
    assertThat(Candidate.of(new int[] {100, 150}, 2).id()).isEqualTo("12fb45436133");
    assertThat(Candidate.of(new int[] {100, 150}, 2))
        .hasToString("Candidate 12fb45436133 (start tokens 2, factors [1.0, 1.5])");
  }
}
