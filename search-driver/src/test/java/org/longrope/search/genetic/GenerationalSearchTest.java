package org.longrope.search.genetic;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatIllegalArgumentException;
import static org.longrope.search.Fixtures.SPACE;

import java.util.ArrayList;
import java.util.Collections;
import java.util.HashMap;
import java.util.HashSet;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Random;
import java.util.Set;
import java.util.function.Function;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;
import org.junit.jupiter.params.provider.ValueSource;
import org.longrope.eval.rope.RopeMethod;
import org.longrope.search.Candidate;
import org.longrope.search.Fixtures;
import org.longrope.search.GenerationStats;
import org.longrope.search.Outcome;
import org.longrope.search.Proposal;
import org.longrope.search.ScoredCandidate;
import org.longrope.search.SearchMode;
import org.longrope.search.SearchSpace;
import org.longrope.search.SearchStrategy;
import org.longrope.search.Surrogate;

class GenerationalSearchTest {
  private static final GeneticConfig SMALL = new GeneticConfig(16, 8, 4, 4, 6, 0.3, 42);

  /** Proposals of every generation, and their outcomes. */
  private record Course(List<List<Candidate>> asked, Map<Candidate, Outcome> outcomes) {
    static Course of(SearchStrategy search, Function<Candidate, Outcome> scorer) {
      Course course = new Course(new ArrayList<>(), new HashMap<>());
      while (!search.finished()) {
        List<Candidate> candidates = askAll(search);
        assertThat(search.ask()).isEmpty();
        Map<Candidate, Outcome> outcomes = new LinkedHashMap<>();
        candidates.forEach(candidate -> outcomes.put(candidate, scorer.apply(candidate)));
        course.asked.add(candidates);
        course.outcomes.putAll(outcomes);
        outcomes.forEach(search::tell);
      }
      return course;
    }

    List<Candidate> all() {
      return asked.stream().flatMap(List::stream).toList();
    }
  }

  /** Returns all proposals that are possible now. */
  private static List<Candidate> askAll(SearchStrategy search) {
    List<Candidate> candidates = new ArrayList<>();
    for (Optional<Proposal> next = search.ask(); next.isPresent(); next = search.ask()) {
      assertThat(next.get().generation()).isEqualTo(search.generations().size());
      candidates.add(next.get().candidate());
    }
    return candidates;
  }

  private static GenerationStats last(SearchStrategy search) {
    return search.generations().get(search.generations().size() - 1);
  }

  /** A smooth valley whose floor is a bent ramp with four start tokens. */
  private static Outcome valley(Candidate candidate) {
    double sum = candidate.startTokens() == 4 ? 0 : 0.2;
    for (int i = 0; i < candidate.pairs(); i++) {
      double best = 1 + 7 * Math.pow((i + 1.0) / candidate.pairs(), 3);
      double off = Math.log(candidate.factors().get(i) / best);
      sum += off * off;
    }
    return Outcome.of(10 + sum);
  }

  @Test
  void defaults_takeTheNominalEvaluations_withoutDuplicate() {
    Course course =
        Course.of(
            new GenerationalSearch(GeneticConfig.defaults(), SPACE, SPACE.seeds()),
            GenerationalSearchTest::valley);

    assertThat(GeneticConfig.defaults().evaluations()).isEqualTo(1344);
    assertThat(course.asked).hasSize(41);
    assertThat(course.asked.get(0)).hasSize(64);
    assertThat(course.asked.subList(1, 41)).allMatch(generation -> generation.size() == 32);
    assertThat(course.all()).hasSize(1344).doesNotHaveDuplicates().allMatch(SPACE::contains);
  }

  @Test
  void firstPopulation_startsWithTheThreeSeeds() {
    List<Candidate> seeds =
        Stream.of(RopeMethod.PI, RopeMethod.NTK, RopeMethod.YARN)
            .map(method -> method.factors(SPACE.rope(), 2048, 2048))
            .map(factors -> Candidate.nearest(factors, 0, SPACE))
            .toList();

    assertThat(askAll(new GenerationalSearch(SMALL, SPACE, SPACE.seeds())))
        .hasSize(16)
        .startsWith(seeds.toArray(Candidate[]::new));
  }

  /** The valley's floor is 10; 33 genes and 1,344 evaluations bring it at least thrice as near. */
  @ParameterizedTest
  @ValueSource(longs = {1, 2, 3, 42})
  void search_findsFarBetterThanItsSeeds(long seed) {
    GenerationalSearch search =
        new GenerationalSearch(
            new GeneticConfig(64, 32, 16, 16, 40, 0.3, seed), SPACE, SPACE.seeds());
    Course course = Course.of(search, GenerationalSearchTest::valley);

    double seeds = bestOf(course.asked.get(0).subList(0, 3), course.outcomes);
    ScoredCandidate found = search.best().orElseThrow();
    assertThat(found.perplexity() - 10).isLessThan((seeds - 10) / 3);
    assertThat(found.candidate().startTokens()).isEqualTo(4);
  }

  @Test
  void best_isTheBestOfAllOutcomes_andNeverGetsWorse() {
    GenerationalSearch search = new GenerationalSearch(SMALL, SPACE, SPACE.seeds());
    Map<Candidate, Outcome> told = new HashMap<>();
    int generation = 0;
    while (!search.finished()) {
      assertThat(search.generations()).hasSize(generation);
      // Later generations are ever worse: only survivors can hold the best.
      double handicap = 100.0 * generation++;
      Map<Candidate, Outcome> outcomes = new HashMap<>();
      for (Candidate candidate : askAll(search)) {
        outcomes.put(candidate, Outcome.of(handicap + hashed(candidate)));
      }
      told.putAll(outcomes);
      outcomes.forEach(search::tell);
      assertThat(search.best().orElseThrow().perplexity()).isEqualTo(bestOf(told.keySet(), told));
    }
    assertThat(search.best().orElseThrow().perplexity()).isLessThan(100);
    assertThat(search.generations()).hasSize(7);
  }

  @Test
  void orderOfOutcomes_makesNoDifference() {
    GenerationalSearch one = new GenerationalSearch(SMALL, SPACE, SPACE.seeds());
    GenerationalSearch other = new GenerationalSearch(SMALL, SPACE, SPACE.seeds());
    Random shuffle = new Random(31);
    while (!one.finished()) {
      List<Candidate> asked = askAll(one);
      assertThat(askAll(other)).isEqualTo(asked);
      List<Candidate> shuffled = new ArrayList<>(asked);
      Collections.shuffle(shuffled, shuffle);
      // Few values, so that most ranks are ties.
      Function<Candidate, Outcome> ties = c -> Outcome.of(1 + c.hashCode() % 2 * 0.5);
      outcomes(asked, ties).forEach(one::tell);
      outcomes(shuffled, ties).forEach(other::tell);
    }
    assertThat(other.finished()).isTrue();
    assertThat(other.best()).isEqualTo(one.best());
  }

  @Test
  void equalSeeds_giveEqualCourses_andOtherSeedsOthers() {
    Course course =
        Course.of(
            new GenerationalSearch(SMALL, SPACE, SPACE.seeds()), GenerationalSearchTest::valley);
    Course again =
        Course.of(
            new GenerationalSearch(SMALL, SPACE, SPACE.seeds()), GenerationalSearchTest::valley);
    GeneticConfig otherSeed = new GeneticConfig(16, 8, 4, 4, 6, 0.3, 43);
    Course other =
        Course.of(
            new GenerationalSearch(otherSeed, SPACE, SPACE.seeds()),
            GenerationalSearchTest::valley);

    assertThat(again.asked).isEqualTo(course.asked);
    assertThat(other.asked.get(0).subList(3, 16))
        .doesNotContainAnyElementsOf(course.asked.get(0).subList(3, 16));
  }

  @Test
  void replay_ofRecordedOutcomes_proposesTheSame() {
    Course course =
        Course.of(
            new GenerationalSearch(SMALL, SPACE, SPACE.seeds()),
            GenerationalSearchTest::partlyRejected);
    // A resumed run reads half of the outcomes from its journal; the scorer gives the others.
    Set<Candidate> journal = new HashSet<>(course.all().subList(0, course.all().size() / 2));
    Course resumed =
        Course.of(
            new GenerationalSearch(SMALL, SPACE, SPACE.seeds()),
            candidate ->
                journal.contains(candidate)
                    ? course.outcomes.get(candidate)
                    : partlyRejected(candidate));

    assertThat(resumed.asked).isEqualTo(course.asked);
  }

  /** The seeds differ in most genes, mutants from their parents in about one: parents show. */
  @Test
  void rejected_isNeverParent_andOneSurvivorBreedsOnlyMutants() {
    GenerationalSearch search =
        new GenerationalSearch(new GeneticConfig(16, 8, 8, 8, 5, 0.03, 42), SPACE, SPACE.seeds());
    List<Candidate> asked = askAll(search);
    Candidate ntk = asked.get(1);
    assertThat(differing(asked.get(0), ntk)).isGreaterThan(25);
    assertThat(differing(asked.get(2), ntk)).isGreaterThan(25);
    outcomes(asked, c -> c.equals(ntk) ? Outcome.of(50) : new Outcome.Rejection("out of memory"))
        .forEach(search::tell);

    assertThat(search.best()).contains(new ScoredCandidate(ntk, 50));
    assertThat(last(search).rejected()).isEqualTo(15);
    assertThat(askAll(search)).hasSize(16).allMatch(candidate -> differing(candidate, ntk) < 10);
  }

  @Test
  void rejectedHalf_neverWins() {
    GenerationalSearch search = new GenerationalSearch(SMALL, SPACE, SPACE.seeds());
    Course course = Course.of(search, GenerationalSearchTest::partlyRejected);

    assertThat(course.outcomes.values()).hasAtLeastOneElementOfType(Outcome.Rejection.class);
    assertThat(search.best().orElseThrow().perplexity())
        .isEqualTo(bestOf(course.all(), course.outcomes));
  }

  @Test
  void allRejected_endsWithoutBest() {
    GenerationalSearch search = new GenerationalSearch(SMALL, SPACE, SPACE.seeds());
    Course course = Course.of(search, candidate -> Outcome.of(Double.NaN));

    assertThat(search.finished()).isTrue();
    assertThat(search.best()).isEmpty();
    assertThat(course.all()).hasSize(16 + 6 * 8).doesNotHaveDuplicates();
    GenerationStats last = last(search);
    assertThat(last.rejected()).isEqualTo(8);
    assertThat(last.best()).isEmpty();
    assertThat(last.median()).isEmpty();
  }

  @Test
  void allRejectedAtFirst_recoversFromMutantsOfTheSeeds() {
    Set<Candidate> first = Set.copyOf(askAll(new GenerationalSearch(SMALL, SPACE, SPACE.seeds())));
    GenerationalSearch search = new GenerationalSearch(SMALL, SPACE, SPACE.seeds());
    Course.of(
        search,
        candidate -> first.contains(candidate) ? Outcome.of(Double.NaN) : valley(candidate));

    assertThat(search.best()).isPresent();
  }

  @Test
  void generations_summariseThem() {
    GenerationalSearch search = new GenerationalSearch(SMALL, SPACE, SPACE.seeds());
    List<Candidate> asked = askAll(search);
    assertThat(search.generations()).isEmpty();
    outcomes(
            asked,
            candidate ->
                asked.indexOf(candidate) < 12
                    ? Outcome.of(1 + asked.indexOf(candidate))
                    : new Outcome.Rejection("no"))
        .forEach(search::tell);

    GenerationStats stats = last(search);
    assertThat(stats.generation()).isZero();
    assertThat(stats.evaluations()).isEqualTo(16);
    assertThat(stats.totalEvaluations()).isEqualTo(16);
    assertThat(stats.rejected()).isEqualTo(4);
    assertThat(stats.best()).hasValue(1);
    assertThat(stats.median()).hasValue(6.5);
  }

  @Test
  void search_ofTwoPairs_finds() {
    SearchSpace space = Fixtures.space(4, 256, 2048);
    GenerationalSearch search = new GenerationalSearch(SMALL, space, space.seeds());
    Course course = Course.of(search, GenerationalSearchTest::valley);

    assertThat(course.all()).doesNotHaveDuplicates().allMatch(space::contains);
    assertThat(search.best()).isPresent();
  }

  @Test
  void targetJustAboveWindow_seedsCoincideAndMutantsFillThePopulation() {
    SearchSpace space = Fixtures.space(8, 4096, 4097);
    GenerationalSearch search = new GenerationalSearch(SMALL, space, space.seeds());
    Course course = Course.of(search, GenerationalSearchTest::valley);

    assertThat(course.asked.get(0)).hasSize(16).doesNotHaveDuplicates().allMatch(space::contains);
    assertThat(search.best()).isPresent();
  }

  /** One pair, 26 factors and three start tokens: 78 candidates, and the search has 1,344. */
  @Test
  void spaceRunsOut_searchEnds() {
    SearchSpace space = Fixtures.space(2, 2, 3);
    GenerationalSearch search =
        new GenerationalSearch(GeneticConfig.defaults(), space, space.seeds());
    int size = (space.upper() - space.lower() + 1) * space.startTokens().size();
    Course course = Course.of(search, GenerationalSearchTest::valley);

    assertThat(course.asked).noneMatch(List::isEmpty);
    assertThat(course.all()).doesNotHaveDuplicates().hasSizeBetween(size / 2, size);
    assertThat(search.ask()).isEmpty();
    assertThat(search.finished()).isTrue();
  }

  @Test
  void noIterations_scoresOnlyTheFirstPopulation() {
    Course course =
        Course.of(
            new GenerationalSearch(
                new GeneticConfig(16, 8, 4, 4, 0, 0.3, 42), SPACE, SPACE.seeds()),
            GenerationalSearchTest::valley);

    assertThat(course.all()).hasSize(16);
  }

  @ParameterizedTest
  @EnumSource(SearchMode.class)
  void tell_ofACandidateNotProposedOrTwice_isRejected(SearchMode mode) {
    SearchStrategy search = SMALL.strategy(mode, SPACE, SPACE.seeds(), 1, Surrogate.NONE);
    Candidate asked = search.ask().orElseThrow().candidate();
    Candidate next =
        SMALL
            .strategy(mode, SPACE, SPACE.seeds(), 1, Surrogate.NONE)
            .ask()
            .orElseThrow()
            .candidate();
    assertThat(next).isEqualTo(asked);

    search.tell(asked, Outcome.of(1));
    assertThatIllegalArgumentException().isThrownBy(() -> search.tell(asked, Outcome.of(1)));
    Candidate stranger = Candidate.of(new int[] {100}, 0);
    assertThatIllegalArgumentException().isThrownBy(() -> search.tell(stranger, Outcome.of(1)));
    assertThat(search.best()).contains(new ScoredCandidate(asked, 1));
  }

  @Test
  void parameters_allProblemsAtOnce() {
    GeneticConfig wrong = new GeneticConfig(2, 3, -1, -1, -1, Double.NaN, 0);

    assertThat(GeneticConfig.defaults().problems()).isEmpty();
    assertThat(wrong.problems())
        .containsExactly(
            "population is 2: expected 4 or more, for the four seeds.",
            "mutations is -1: expected 0 or more.",
            "crossovers is -1: expected 0 or more.",
            "iterations is -1: expected 0 or more.",
            "mutation-probability is NaN: expected above 0 and at most 1.",
            "parents is 3: expected at most population, 2.");
    assertThat(new GeneticConfig(64, 1, 0, 0, 1, 1, 0).problems()).hasSize(2);
    assertThatIllegalArgumentException()
        .isThrownBy(() -> new GenerationalSearch(wrong, SPACE, SPACE.seeds()))
        .withMessageContaining("population is 2")
        .withMessageContaining("NaN");
  }

  @Test
  void outcome_ofNoPositiveNumber_isRejected() {
    assertThat(Outcome.of(12.5)).isEqualTo(new Outcome.Fitness(12.5));
    for (double wrong : new double[] {Double.NaN, Double.POSITIVE_INFINITY, 0, -1}) {
      assertThat(Outcome.of(wrong)).isInstanceOf(Outcome.Rejection.class);
      assertThatIllegalArgumentException().isThrownBy(() -> new Outcome.Fitness(wrong));
    }
  }

  private static int differing(Candidate one, Candidate other) {
    int differing = one.startTokens() == other.startTokens() ? 0 : 1;
    for (int i = 0; i < one.pairs(); i++) {
      differing += one.hundredths(i) == other.hundredths(i) ? 0 : 1;
    }
    return differing;
  }

  private static Outcome partlyRejected(Candidate candidate) {
    return hashed(candidate) < 20 ? new Outcome.Rejection("failed") : valley(candidate);
  }

  /** A fitness without any structure, 1 … 51. */
  private static double hashed(Candidate candidate) {
    return 1 + Integer.parseInt(candidate.id().substring(0, 4), 16) % 50;
  }

  private static Map<Candidate, Outcome> outcomes(
      List<Candidate> candidates, Function<Candidate, Outcome> scorer) {
    Map<Candidate, Outcome> outcomes = new LinkedHashMap<>();
    candidates.forEach(candidate -> outcomes.put(candidate, scorer.apply(candidate)));
    return outcomes;
  }

  private static double bestOf(Iterable<Candidate> candidates, Map<Candidate, Outcome> outcomes) {
    double best = Double.POSITIVE_INFINITY;
    for (Candidate candidate : candidates) {
      if (outcomes.get(candidate) instanceof Outcome.Fitness fitness) {
        best = Math.min(best, fitness.perplexity());
      }
    }
    return best;
  }
}
