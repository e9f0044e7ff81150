package org.longrope.search.genetic;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatIllegalArgumentException;
import static org.longrope.search.Fixtures.SPACE;
import static org.longrope.search.Fixtures.assertBinomial;
import static org.longrope.search.Fixtures.assertUniform;

import java.util.Arrays;
import java.util.List;
import java.util.SplittableRandom;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;
import org.longrope.eval.rope.RescaleFactors;
import org.longrope.search.Candidate;
import org.longrope.search.Fixtures;
import org.longrope.search.SearchSpace;

class MutationTest {
  private static final int DRAWS = 20_000;

  /**
   * A wide ramp: neighbours are 2,000 steps apart, so that they practically never take all the room
   * of a gene before its turn.
   */
  private static final SearchSpace WIDE = Fixtures.space(64, 4096, 2048 * 1024);

  private static final Candidate RAMP = ramp(WIDE);

  @ParameterizedTest
  @ValueSource(doubles = {0.1, 0.3, 1.0})
  void eachGene_changesWithTheProbability(double probability) {
    Mutation mutation = new Mutation(probability);
    SplittableRandom random = new SplittableRandom(11);
    long[] changed = new long[RAMP.pairs() + 1];
    for (int n = 0; n < DRAWS; n++) {
      Candidate mutant = mutation.mutate(RAMP, WIDE, random);
      for (int i = 0; i < changed.length; i++) {
        changed[i] += changed(RAMP, mutant, i) ? 1 : 0;
      }
    }
    for (int i = 0; i < changed.length; i++) {
      if (probability < 1) {
        assertBinomial("gene " + i, changed[i], DRAWS, probability);
      } else {
        // When all move, neighbours now and then meet at a gene's own value and leave it no room.
        assertThat(changed[i]).as("gene %d", i).isBetween(DRAWS - DRAWS / 1000L, (long) DRAWS);
      }
    }
  }

  @Test
  void twoGenes_changeIndependently() {
    Mutation mutation = new Mutation(0.3);
    SplittableRandom random = new SplittableRandom(12);
    int genes = RAMP.pairs() + 1;
    long[][] both = new long[genes][genes];
    for (int n = 0; n < DRAWS; n++) {
      Candidate mutant = mutation.mutate(RAMP, WIDE, random);
      for (int i = 0; i < genes; i++) {
        for (int j = 0; j < i; j++) {
          both[i][j] += changed(RAMP, mutant, i) && changed(RAMP, mutant, j) ? 1 : 0;
        }
      }
    }
    for (int i = 0; i < genes; i++) {
      for (int j = 0; j < i; j++) {
        assertBinomial("genes " + i + " and " + j, both[i][j], DRAWS, 0.09);
      }
    }
  }

  /** One gene at a time, seen through mutants in which nothing else moved. */
  @Test
  void newFactor_isUniformBetweenItsNeighbours() {
    SearchSpace space = Fixtures.space(6, 256, 512);
    Candidate parent = Candidate.of(new int[] {105, 110, 120}, 0);
    int[] low = {100, 105, 110};
    int[] high = {110, 120, 250};
    Mutation mutation = new Mutation(0.3);
    SplittableRandom random = new SplittableRandom(13);
    long[][] counts = new long[3][251];
    for (int n = 0; n < 400_000; n++) {
      Candidate mutant = mutation.mutate(parent, space, random);
      int gene = onlyChanged(parent, mutant);
      if (gene >= 0 && gene < 3) {
        counts[gene][mutant.hundredths(gene)]++;
      }
    }
    for (int gene = 0; gene < 3; gene++) {
      long[] allowed = new long[high[gene] - low[gene]];
      int next = 0;
      for (int value = low[gene]; value <= high[gene]; value++) {
        if (value != parent.hundredths(gene)) {
          allowed[next++] = counts[gene][value];
        }
      }
      assertUniform("gene " + gene, allowed);
      assertThat(Arrays.stream(allowed).sum())
          .as("none outside the neighbours, never the present value")
          .isEqualTo(Arrays.stream(counts[gene]).sum());
    }
  }

  @Test
  void newStartTokens_areUniformAmongTheOthers() {
    List<Integer> allowed = WIDE.startTokens();
    Mutation mutation = new Mutation(1);
    SplittableRandom random = new SplittableRandom(14);
    for (int present : new int[] {0, 12, 256}) {
      long[] counts = new long[257];
      for (int n = 0; n < DRAWS; n++) {
        counts[
            mutation
                .mutate(Candidate.of(RAMP.hundredths(), present), WIDE, random)
                .startTokens()]++;
      }
      assertThat(counts[present]).isZero();
      assertUniform(
          "start tokens from " + present,
          allowed.stream()
              .filter(tokens -> tokens != present)
              .mapToLong(tokens -> counts[tokens])
              .toArray());
    }
  }

  /** A plateau in the middle of the range must not drift: both ends move, and equally often. */
  @Test
  void plateau_favoursNeitherEnd() {
    SearchSpace space = Fixtures.space(32, 256, 2048);
    Candidate plateau = Candidate.nearest(RescaleFactors.uniform(16, 5.5), 0, space);
    Mutation mutation = new Mutation(0.5);
    SplittableRandom random = new SplittableRandom(15);
    long below = 0;
    long above = 0;
    for (int n = 0; n < DRAWS; n++) {
      for (int value : mutation.mutate(plateau, space, random).hundredths()) {
        below += value < 550 ? 1 : 0;
        above += value > 550 ? 1 : 0;
      }
    }
    assertThat(below).isGreaterThan(DRAWS / 2);
    assertThat(above / (double) below).isBetween(0.96, 1.04);
  }

  @Test
  void mutate_withoutAnotherValue_keepsTheGene() {
    Candidate stuck = Candidate.of(new int[] {100, 100, 100, 250, 250, 250}, 0);
    SearchSpace space = Fixtures.space(12, 256, 512);
    // Only the genes next to the step have room; with p small they are the first to move.
    SplittableRandom random = new SplittableRandom(16);
    Mutation mutation = new Mutation(0.01);
    for (int n = 0; n < DRAWS; n++) {
      int only = onlyChanged(stuck, mutation.mutate(stuck, space, random));
      assertThat(only).isIn(-2, -1, 2, 3, 6);
    }
  }

  @Test
  void mutants_ofAnyCandidate_stayInSpace() {
    SplittableRandom random = new SplittableRandom(17);
    Candidate pi = Candidate.nearest(RescaleFactors.uniform(SPACE.pairs(), 8), 0, SPACE);
    Candidate walker = pi;
    for (int n = 0; n < 100_000; n++) {
      Mutation mutation = new Mutation(1 - random.nextDouble());
      Candidate parent =
          switch (n % 4) {
            case 0 -> pi;
            case 1 -> Fixtures.random(SPACE, 901, random);
            case 2 -> Fixtures.random(SPACE, 2 + random.nextInt(4), random);
            default -> walker;
          };
      walker = mutation.mutate(parent, SPACE, random);
      if (!SPACE.contains(walker) || !walker.factors().isMonotone()) {
        assertThat(walker).as("mutant of %s", parent).isNull();
      }
    }
  }

  @Test
  void probabilityOutOfRange_isRejected() {
    for (double probability : new double[] {0, -0.1, 1.01, Double.NaN}) {
      assertThatIllegalArgumentException().isThrownBy(() -> new Mutation(probability));
    }
  }

  @Test
  void parentOutsideSpace_isRejected() {
    assertThatIllegalArgumentException()
        .isThrownBy(() -> new Mutation(0.3).mutate(RAMP, SPACE, new SplittableRandom(1)));
  }

  private static Candidate ramp(SearchSpace space) {
    int[] hundredths = new int[space.pairs()];
    int step = (space.upper() - space.lower()) / (hundredths.length + 1);
    Arrays.setAll(hundredths, i -> space.lower() + (i + 1) * step);
    return Candidate.of(hundredths, 0);
  }

  private static boolean changed(Candidate parent, Candidate mutant, int gene) {
    return gene == parent.pairs()
        ? parent.startTokens() != mutant.startTokens()
        : parent.hundredths(gene) != mutant.hundredths(gene);
  }

  /** The one gene that changed; −1 if none did, −2 if several did. */
  private static int onlyChanged(Candidate parent, Candidate mutant) {
    int only = -1;
    for (int i = 0; i <= parent.pairs(); i++) {
      if (changed(parent, mutant, i)) {
        only = only == -1 ? i : -2;
      }
    }
    return only;
  }
}
