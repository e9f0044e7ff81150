package org.longrope.search.cmaes;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatIllegalArgumentException;
import static org.longrope.search.Fixtures.SPACE;

import java.util.ArrayList;
import java.util.Arrays;
import java.util.Collections;
import java.util.HashSet;
import java.util.List;
import java.util.Optional;
import java.util.Random;
import java.util.Set;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.EnumSource;
import org.junit.jupiter.params.provider.ValueSource;
import org.longrope.search.Candidate;
import org.longrope.search.CriticalDimensions;
import org.longrope.search.Fixtures;
import org.longrope.search.Outcome;
import org.longrope.search.Proposal;
import org.longrope.search.SearchMode;
import org.longrope.search.SearchSpace;
import org.longrope.search.SearchStrategy;
import org.longrope.search.Surrogate;
import org.longrope.search.Valley;
import org.longrope.search.genetic.GeneticConfig;

class CmaEsSearchTest {
  private static Outcome outcome(Candidate candidate, List<Integer> documents) {
    return Outcome.of(Math.exp(Valley.logPerplexity(candidate, documents)));
  }

  private static CmaEsConfig parameters(int budget, long seed, Feature... without) {
    return new CmaEsConfig(16, budget, Set.of(without), false, seed);
  }

  private static SearchStrategy fast(CmaEsConfig parameters) {
    return parameters.strategy(
        SearchMode.GENERATIONAL, SPACE, SPACE.seeds(), Valley.DOCUMENTS, Surrogate.NONE);
  }

  /** Takes all proposals, then gives their outcomes in another order. */
  private static List<Proposal> course(SearchStrategy search, Random order) {
    List<Proposal> course = new ArrayList<>();
    while (!search.finished()) {
      List<Proposal> open = new ArrayList<>();
      for (Optional<Proposal> next = search.ask(); next.isPresent(); next = search.ask()) {
        open.add(next.get());
      }
      assertThat(open).extracting(Proposal::candidate).doesNotHaveDuplicates();
      course.addAll(open);
      Collections.shuffle(open, order);
      open.forEach(p -> search.tell(p.candidate(), Valley.outcome(p)));
    }
    return course;
  }

  /** The valley's floor is e²; a tenth of the evaluations must come nearer than all of them. */
  @ParameterizedTest
  @ValueSource(longs = {1, 2, 3})
  void search_withATenthOfTheDocuments_endsBelowAlgorithm1(long seed) {
    GeneticConfig paper = new GeneticConfig(64, 32, 16, 16, 40, 0.3, seed);
    SearchStrategy slow =
        paper.strategy(
            SearchMode.GENERATIONAL, SPACE, SPACE.seeds(), Valley.DOCUMENTS, Surrogate.NONE);
    course(slow, new Random(1));
    SearchStrategy fast =
        fast(parameters((int) paper.documentsScored(Valley.DOCUMENTS) / 10, seed));
    course(fast, new Random(1));
    assertThat(fast.best().orElseThrow().perplexity())
        .isLessThan(slow.best().orElseThrow().perplexity());
  }

  @Test
  void best_isTheBestOfThoseThatWereScoredOnAllDocuments() {
    SearchStrategy search = fast(parameters(300, 5));
    List<Proposal> course = course(search, new Random(2));
    assertThat(search.best().orElseThrow().perplexity())
        .isEqualTo(
            course.stream()
                .filter(p -> p.documents().isEmpty())
                .mapToDouble(
                    p -> ((Outcome.Fitness) outcome(p.candidate(), List.of())).perplexity())
                .min()
                .orElseThrow());
  }

  @ParameterizedTest
  @ValueSource(ints = {62, 100, 113, 118, 333, 1000})
  void budget_isKeptAndNearlyUsed_afterTheSeeds(int budget) {
    long read = read(course(fast(parameters(budget, 4, Feature.EARLY_STOP)), new Random(3)));
    assertThat(read).isBetween(budget - 16L - 2 * Valley.DOCUMENTS, (long) budget);
  }

  private static long read(List<Proposal> course) {
    return course.stream().mapToLong(Valley::cost).sum();
  }

  /** The stop requires a gain of a thousandth for a hundred evaluations. */
  @ParameterizedTest
  @ValueSource(longs = {1, 2, 3})
  void earlyStop_savesEvaluations_andLosesLittle(long seed) {
    SearchStrategy stopping = fast(parameters(4000, seed));
    SearchStrategy thorough = fast(parameters(4000, seed, Feature.EARLY_STOP));
    long read = read(course(stopping, new Random(1)));
    assertThat(read).isLessThan(read(course(thorough, new Random(1))) / 2);
    assertThat(Math.log(stopping.best().orElseThrow().perplexity()))
        .isLessThan(Math.log(thorough.best().orElseThrow().perplexity()) + 0.005);
  }

  @Test
  void orderOfOutcomes_makesNoDifference() {
    List<Proposal> one = course(fast(parameters(400, 6)), new Random(1));
    assertThat(course(fast(parameters(400, 6)), new Random(2))).isEqualTo(one);
    assertThat(course(fast(parameters(400, 7)), new Random(1))).isNotEqualTo(one);
  }

  @Test
  void candidates_areOfTheSpace_andGenerationsTakeTurnsWithDocuments() {
    List<Proposal> course = course(fast(parameters(600, 8)), new Random(1));
    assertThat(course).extracting(Proposal::candidate).allMatch(SPACE::contains);
    Set<List<Integer>> documents = new HashSet<>();
    course.forEach(p -> documents.add(p.documents()));
    assertThat(documents)
        .containsExactlyInAnyOrder(
            List.of(), List.of(0), List.of(1), List.of(2), List.of(3), List.of(4));
  }

  @Test
  void featuresLeftOut_areNotSearched() {
    List<Proposal> course =
        course(
            fast(parameters(600, 8, Feature.ATTENTION, Feature.START_TOKENS, Feature.ROTATION)),
            new Random(1));
    assertThat(course)
        .allSatisfy(
            p -> {
              assertThat(p.candidate().attention()).isEqualTo(Candidate.AS_GIVEN);
              assertThat(p.candidate().startTokens()).isZero();
            });
    assertThat(course.stream().filter(p -> p.generation() > 0))
        .allSatisfy(p -> assertThat(p.documents()).isEmpty());
  }

  @ParameterizedTest
  @EnumSource(Feature.class)
  void everyFeature_canBeLeftOut(Feature feature) {
    SearchStrategy search = fast(parameters(400, 3, feature));
    course(search, new Random(1));
    double seeds =
        SPACE.seeds().stream()
            .map(seed -> outcome(seed, List.of()))
            .mapToDouble(o -> ((Outcome.Fitness) o).perplexity())
            .min()
            .orElseThrow();
    assertThat(search.best().orElseThrow().perplexity()).isLessThan(seeds);
  }

  @ParameterizedTest
  @ValueSource(ints = {2, 4, 16, 128})
  void search_worksForAnyNumberOfPairs(int rotaryDimension) {
    SearchSpace space = Fixtures.space(rotaryDimension, 256, 2048);
    SearchStrategy search =
        parameters(300, 1)
            .strategy(
                SearchMode.GENERATIONAL, space, space.seeds(), Valley.DOCUMENTS, Surrogate.NONE);
    assertThat(course(search, new Random(1)))
        .extracting(Proposal::candidate)
        .allMatch(space::contains);
  }

  @Test
  void rejections_ofEverything_endTheSearchWithoutABest() {
    SearchStrategy search = fast(parameters(400, 3));
    while (!search.finished()) {
      Candidate candidate = search.ask().orElseThrow().candidate();
      search.tell(candidate, new Outcome.Rejection("no"));
    }
    assertThat(search.best()).isEmpty();
  }

  /** Covers starts in which each factor moves by itself and the curve need not move as a whole. */
  @ParameterizedTest
  @CsvSource({"16, false", "18, true"})
  void shift_isSearchedWhereControlPointsBend(int rotaryDimension, boolean searched) {
    SearchSpace space = Fixtures.space(rotaryDimension, 256, 2048);
    List<List<Proposal>> courses = new ArrayList<>();
    for (CmaEsConfig each : List.of(parameters(300, 1), parameters(300, 1, Feature.SHIFT))) {
      courses.add(
          course(
              each.strategy(
                  SearchMode.GENERATIONAL, space, space.seeds(), Valley.DOCUMENTS, Surrogate.NONE),
              new Random(1)));
    }
    assertThat(courses.get(0).equals(courses.get(1))).isNotEqualTo(searched);
  }

  /** Rejected candidates are ranked last, so the search avoids them. */
  @Test
  void rejections_ofARegion_areAvoided() {
    SearchStrategy search = fast(parameters(600, 3));
    List<Boolean> rejected = new ArrayList<>();
    while (!search.finished()) {
      List<Proposal> open = new ArrayList<>();
      for (Optional<Proposal> next = search.ask(); next.isPresent(); next = search.ask()) {
        open.add(next.get());
      }
      for (Proposal p : open) {
        boolean out = p.candidate().attention() < Candidate.AS_GIVEN;
        rejected.add(out);
        search.tell(p.candidate(), out ? new Outcome.Rejection("too little") : Valley.outcome(p));
      }
    }
    long late =
        rejected.subList(rejected.size() / 2, rejected.size()).stream().filter(r -> r).count();
    assertThat(late).isLessThan(rejected.size() / 8);
  }

  @Test
  void tell_ofACandidateNotProposedOrTwice_isRejected() {
    SearchStrategy search = fast(parameters(400, 3));
    Candidate asked = search.ask().orElseThrow().candidate();
    search.tell(asked, Outcome.of(1));
    assertThatIllegalArgumentException().isThrownBy(() -> search.tell(asked, Outcome.of(1)));
    Candidate stranger = Candidate.of(new int[] {100}, 0);
    assertThatIllegalArgumentException().isThrownBy(() -> search.tell(stranger, Outcome.of(1)));
  }

  @Test
  void problems_areNamedTogether() {
    assertThat(
            new CmaEsConfig(3, 47, Set.of(), true, 1)
                .problems(SearchMode.ASYNCHRONOUS, Valley.DOCUMENTS))
        .containsExactly(
            "generation is 3: expected 4 or more.",
            "budget is 47: expected 49 or more evaluations, for seeds and one generation.",
            "surrogate is mllib: expected none with mode asynchronous, because a surrogate screens"
                + " the samples of a whole generation.");
    assertThat(parameters(62, 1).problems(SearchMode.GENERATIONAL, Valley.DOCUMENTS)).isEmpty();
    assertThatIllegalArgumentException().isThrownBy(() -> fast(parameters(60, 1)));
  }

  /** Without any freedom for λ, start tokens and attention remain to be searched. */
  @Test
  void boundOfOne_leavesStartTokensAndAttentionToSearch() {
    SearchSpace narrow = SearchSpace.upTo(1, SPACE.rope(), 128);
    SearchStrategy search =
        parameters(200, 1)
            .strategy(SearchMode.GENERATIONAL, narrow, List.of(), Valley.DOCUMENTS, Surrogate.NONE);
    assertThat(course(search, new Random(1)))
        .extracting(Proposal::candidate)
        .allMatch(narrow::contains)
        .anyMatch(c -> c.startTokens() > 0);
  }

  /** On one document there is nothing to rotate: every candidate is scored on all. */
  @Test
  void oneDocument_makesEveryCandidateAResult() {
    SearchStrategy search =
        parameters(200, 1)
            .strategy(SearchMode.GENERATIONAL, SPACE, SPACE.seeds(), 1, Surrogate.NONE);
    List<Outcome> told = new ArrayList<>();
    while (!search.finished()) {
      Proposal proposal = search.ask().orElseThrow();
      Outcome outcome =
          Outcome.of(Math.exp(Valley.logPerplexity(proposal.candidate(), List.of(0))));
      if (proposal.generation() > 0) {
        told.add(outcome);
      }
      search.tell(proposal.candidate(), outcome);
    }
    assertThat(search.best().orElseThrow().perplexity())
        .isEqualTo(
            told.stream().mapToDouble(o -> ((Outcome.Fitness) o).perplexity()).min().orElseThrow());
  }

  /** The seeds that the first document likes best may not be scorable on the others. */
  @Test
  void rejectedSeeds_areReplacedByTheNext() {
    SearchStrategy search = fast(parameters(300, 1));
    int[] whole = {0};
    while (!search.finished()) {
      Proposal proposal = search.ask().orElseThrow();
      boolean refused = proposal.documents().isEmpty() && whole[0]++ < 4;
      search.tell(
          proposal.candidate(),
          refused
              ? new Outcome.Rejection("no")
              : outcome(proposal.candidate(), proposal.documents()));
    }
    assertThat(search.best()).isPresent();
  }

  @Test
  void criticalDimensions_areMonotoneAndReachTheExtension() {
    CriticalDimensions.seeds(SPACE)
        .forEach(
            factors -> {
              double[] lambda = factors.toArray();
              double[] sorted = lambda.clone();
              Arrays.sort(sorted);
              assertThat(lambda).isEqualTo(sorted);
              assertThat(lambda[lambda.length - 1]).isEqualTo(8);
            });
  }
}
