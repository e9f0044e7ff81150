package org.longrope.search.cmaes;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.within;

import java.util.Arrays;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;
import org.longrope.search.Candidate;
import org.longrope.search.Fixtures;
import org.longrope.search.SearchSpace;

class CoordinatesTest {
  private static final SearchSpace SPACE = Fixtures.space(16, 256, 2048);
  private static final Candidate CENTRE =
      Candidate.of(new int[] {100, 100, 200, 400, 800, 800, 800, 800}, 4, 1100);

  private static final int POINTS = 3;
  private static final int SHIFT = POINTS;
  private static final int ATTENTION = POINTS + 1;
  private static final int START_TOKENS = POINTS + 2;

  private static Coordinates all() {
    return new Coordinates(SPACE, CENTRE, POINTS, true, true, true);
  }

  private static Candidate moved(int at, double value) {
    double[] vector = new double[POINTS + 3];
    vector[at] = value;
    return all().candidate(vector);
  }

  @ParameterizedTest
  @ValueSource(ints = {1, 3, 8})
  void zeros_areTheCentre(int points) {
    for (boolean searched : new boolean[] {false, true}) {
      Coordinates coordinates =
          new Coordinates(SPACE, CENTRE, points, searched, searched, searched);
      assertThat(coordinates.dimension()).isEqualTo(points + (searched ? 3 : 0));
      assertThat(coordinates.candidate(new double[coordinates.dimension()])).isEqualTo(CENTRE);
    }
  }

  /** Control points take what a curve has at their pairs. */
  @ParameterizedTest
  @ValueSource(ints = {1, 3, 8})
  void vectorOfACandidate_isThatOfItsCurve(int points) {
    Coordinates coordinates = new Coordinates(SPACE, CENTRE, points, false, true, true);
    double[] vector = new double[coordinates.dimension()];
    Arrays.fill(vector, 0, points, 0.1);
    vector[points] = -0.05;
    vector[points + 1] = 2;
    double[] again = coordinates.vector(coordinates.candidate(vector));
    for (int i = 0; i < vector.length; i++) {
      assertThat(again[i]).isCloseTo(vector[i], within(0.006));
    }
  }

  @Test
  void shift_movesTheCurveAlongThePairs_andNothingElse() {
    assertThat(moved(SHIFT, 2))
        .isEqualTo(Candidate.of(new int[] {100, 100, 100, 100, 200, 400, 800, 800}, 4, 1100));
    assertThat(moved(SHIFT, -1))
        .isEqualTo(Candidate.of(new int[] {100, 200, 400, 800, 800, 800, 800, 800}, 4, 1100));
  }

  /** Halfway between two factors lies their geometric mean. */
  @Test
  void shift_byPartOfAPair_liesBetweenNeighbours() {
    assertThat(moved(SHIFT, 0.5).hundredths())
        .isEqualTo(new int[] {100, 100, 141, 283, 566, 800, 800, 800});
  }

  @Test
  void shift_beyondAllPairs_isFlat() {
    assertThat(moved(SHIFT, 99).hundredths()).containsOnly(100);
    assertThat(moved(SHIFT, -99).hundredths()).containsOnly(800);
  }

  @Test
  void bend_movesNeighboursTogether() {
    int[] factors = moved(1, Math.log(2)).hundredths();
    assertThat(factors[0]).isEqualTo(100);
    assertThat(factors[7]).isBetween(800, SPACE.upper());
    assertThat(Arrays.stream(factors).sum()).isGreaterThan(4200);
  }

  @Test
  void attentionAndStartTokens_areKeptInTheirBounds() {
    assertThat(moved(ATTENTION, Math.log(1.1)).attention()).isEqualTo(1210);
    assertThat(moved(ATTENTION, 9).attention()).isEqualTo(2000);
    assertThat(moved(START_TOKENS, 1).startTokens()).isEqualTo(8);
    assertThat(moved(START_TOKENS, -9).startTokens()).isZero();
    double[] far = {9, 9, 9, 9, 9, 99};
    double[] inside = all().inside(far);
    assertThat(Arrays.copyOf(inside, ATTENTION)).isEqualTo(Arrays.copyOf(far, ATTENTION));
    assertThat(all().attention(inside)).isLessThan(1);
    assertThat(all().startTokens(inside)).isLessThan(SPACE.startTokens().size());
  }
}
