package org.longrope.search.genetic;

import static org.assertj.core.api.Assertions.assertThat;
import static org.longrope.search.Fixtures.SPACE;
import static org.longrope.search.Fixtures.assertBinomial;

import java.util.Arrays;
import java.util.SplittableRandom;
import org.junit.jupiter.api.Test;
import org.longrope.search.Candidate;
import org.longrope.search.Fixtures;
import org.longrope.search.SearchSpace;

class CrossoverTest {
  private static final int DRAWS = 20_000;

  /** Parents that interleave: any pick is monotone, so every gene shows where it came from. */
  private static final Candidate LOW = interleaved(0, 4);

  private static final Candidate HIGH = interleaved(10, 64);

  @Test
  void interleavingParents_giveHalfEach_independently() {
    SplittableRandom random = new SplittableRandom(21);
    int genes = SPACE.pairs() + 1;
    long[] high = new long[genes];
    long[][] same = new long[genes][genes];
    for (int n = 0; n < DRAWS; n++) {
      boolean[] fromHigh = fromHigh(Crossover.cross(LOW, HIGH, SPACE, random));
      for (int i = 0; i < genes; i++) {
        high[i] += fromHigh[i] ? 1 : 0;
        for (int j = 0; j < i; j++) {
          same[i][j] += fromHigh[i] == fromHigh[j] ? 1 : 0;
        }
      }
    }
    for (int i = 0; i < genes; i++) {
      assertBinomial("gene " + i, high[i], DRAWS, 0.5);
      for (int j = 0; j < i; j++) {
        assertBinomial("genes " + i + " and " + j, same[i][j], DRAWS, 0.5);
      }
    }
  }

  @Test
  void cross_ofEqualParents_isTheParent() {
    SplittableRandom random = new SplittableRandom(22);
    for (int n = 0; n < 1000; n++) {
      Candidate parent = Fixtures.random(SPACE, 2 + n % 100, random);
      assertThat(Crossover.cross(parent, parent, SPACE, random)).isEqualTo(parent);
    }
  }

  /** Each pick of two parents that cross is either inherited exactly or repaired by its mean. */
  @Test
  void descendingPick_isRepaired() {
    SearchSpace space = Fixtures.space(4, 256, 2048);
    Candidate flat = Candidate.of(new int[] {300, 301}, 0);
    Candidate steep = Candidate.of(new int[] {400, 900}, 0);
    SplittableRandom random = new SplittableRandom(23);
    long[] counts = new long[4];
    for (int n = 0; n < DRAWS; n++) {
      int[] child = Crossover.cross(flat, steep, space, random).hundredths();
      int kind =
          Arrays.asList("[300, 301]", "[400, 900]", "[300, 900]", "[351, 351]")
              .indexOf(Arrays.toString(child));
      assertThat(kind).as(Arrays.toString(child)).isNotNegative();
      counts[kind]++;
    }
    Fixtures.assertUniform("picks", counts);
  }

  @Test
  void children_ofAnyParents_stayInSpace() {
    SplittableRandom random = new SplittableRandom(24);
    for (int n = 0; n < 100_000; n++) {
      Candidate one = Fixtures.random(SPACE, n % 2 == 0 ? 901 : 2 + random.nextInt(4), random);
      Candidate other = Fixtures.random(SPACE, n % 3 == 0 ? 901 : 2 + random.nextInt(4), random);
      Candidate child = Crossover.cross(one, other, SPACE, random);
      if (!SPACE.contains(child)
          || !child.factors().isMonotone()
          || (child.startTokens() != one.startTokens()
              && child.startTokens() != other.startTokens())) {
        assertThat(child).as("child of %s and %s", one, other).isNull();
      }
    }
  }

  private static Candidate interleaved(int offset, int startTokens) {
    int[] hundredths = new int[SPACE.pairs()];
    Arrays.setAll(hundredths, i -> 100 + 20 * i + offset);
    return Candidate.of(hundredths, startTokens);
  }

  private static boolean[] fromHigh(Candidate child) {
    boolean[] fromHigh = new boolean[child.pairs() + 1];
    for (int i = 0; i < child.pairs(); i++) {
      fromHigh[i] = child.hundredths(i) == HIGH.hundredths(i);
      assertThat(child.hundredths(i)).isIn(LOW.hundredths(i), HIGH.hundredths(i));
    }
    fromHigh[child.pairs()] = child.startTokens() == HIGH.startTokens();
    return fromHigh;
  }
}
