package org.longrope.search.genetic;

import static org.assertj.core.api.Assertions.assertThat;
import static org.longrope.search.Fixtures.SPACE;

import java.util.ArrayList;
import java.util.HashSet;
import java.util.List;
import java.util.Optional;
import java.util.Random;
import java.util.Set;
import java.util.function.Function;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;
import org.longrope.search.Candidate;
import org.longrope.search.Fixtures;
import org.longrope.search.GenerationStats;
import org.longrope.search.Outcome;
import org.longrope.search.Proposal;
import org.longrope.search.SearchSpace;
import org.longrope.search.SearchStrategy;

class SteadyStateSearchTest {
  private static final GeneticConfig SMALL = new GeneticConfig(16, 8, 4, 4, 6, 0.3, 42);

  /** Recorded call: a proposal, or an outcome. */
  private record Step(Candidate candidate, Optional<Outcome> answer) {}

  /** Runs a search with several executors; outcomes come in a random order. */
  private static List<Step> converse(
      SearchStrategy search, int evaluators, Random random, Function<Candidate, Outcome> scorer) {
    List<Step> steps = new ArrayList<>();
    List<Candidate> running = new ArrayList<>();
    while (!search.finished()) {
      while (running.size() < evaluators) {
        Optional<Proposal> next = search.ask();
        if (next.isEmpty()) {
          break;
        }
        running.add(next.get().candidate());
        steps.add(new Step(next.get().candidate(), Optional.empty()));
      }
      if (!running.isEmpty()) {
        Candidate done = running.remove(random.nextInt(running.size()));
        Outcome outcome = scorer.apply(done);
        steps.add(new Step(done, Optional.of(outcome)));
        search.tell(done, outcome);
      }
    }
    return steps;
  }

  private static List<Candidate> proposed(List<Step> steps) {
    return steps.stream().filter(s -> s.answer().isEmpty()).map(Step::candidate).toList();
  }

  private static Outcome valley(Candidate candidate) {
    double sum = candidate.startTokens() == 4 ? 0 : 0.2;
    for (int i = 0; i < candidate.pairs(); i++) {
      double best = 1 + 7 * Math.pow((i + 1.0) / candidate.pairs(), 3);
      double off = Math.log(candidate.factors().get(i) / best);
      sum += off * off;
    }
    return Outcome.of(10 + sum);
  }

  @ParameterizedTest
  @ValueSource(ints = {1, 7, 64, 1000})
  void anyNumberOfExecutors_takesTheNominalEvaluations_withoutDuplicate(int evaluators) {
    SearchStrategy search = new SteadyStateSearch(SMALL, SPACE, SPACE.seeds());
    List<Step> steps = converse(search, evaluators, new Random(5), SteadyStateSearchTest::valley);

    assertThat(proposed(steps)).hasSize(16 + 6 * 8).doesNotHaveDuplicates();
    assertThat(search.generations()).hasSize(7);
    assertThat(search.generations().get(6).totalEvaluations()).isEqualTo(64);
    assertThat(search.ask()).isEmpty();
  }

  /** Whatever the speed of executors was, the recorded calls give every candidate again. */
  @Test
  void replay_ofRecordedCalls_proposesTheSame() {
    for (int seed = 0; seed < 20; seed++) {
      SearchStrategy first = new SteadyStateSearch(SMALL, SPACE, SPACE.seeds());
      List<Step> steps =
          converse(first, 5, new Random(seed), SteadyStateSearchTest::partlyRejected);
      SearchStrategy again = new SteadyStateSearch(SMALL, SPACE, SPACE.seeds());
      for (Step step : steps) {
        if (step.answer().isPresent()) {
          again.tell(step.candidate(), step.answer().get());
        } else {
          assertThat(again.ask().orElseThrow().candidate()).isEqualTo(step.candidate());
        }
      }
      assertThat(again.finished()).isTrue();
      assertThat(again.best()).isEqualTo(first.best());
      assertThat(again.generations()).isEqualTo(first.generations());
    }
  }

  @Test
  void anotherOrderOfOutcomes_givesAnotherCourse() {
    Set<List<Candidate>> courses = new HashSet<>();
    for (int seed = 0; seed < 3; seed++) {
      courses.add(
          proposed(
              converse(
                  new SteadyStateSearch(SMALL, SPACE, SPACE.seeds()),
                  5,
                  new Random(seed),
                  SteadyStateSearchTest::valley)));
    }
    assertThat(courses).hasSize(3);
  }

  /**
   * One executor: every outcome precedes the next proposal; a whole generation at once: none does.
   */
  @Test
  void firstPopulation_isThatOfTheGenerations() {
    SearchStrategy steady = new SteadyStateSearch(SMALL, SPACE, SPACE.seeds());
    SearchStrategy generational = new GenerationalSearch(SMALL, SPACE, SPACE.seeds());
    for (int i = 0; i < 16; i++) {
      assertThat(steady.ask()).isEqualTo(generational.ask());
    }
    assertThat(generational.ask()).isEmpty();
    assertThat(steady.ask()).isPresent();
  }

  @ParameterizedTest
  @ValueSource(longs = {1, 2, 3, 42})
  void search_findsFarBetterThanItsSeeds(long seed) {
    GeneticConfig parameters = new GeneticConfig(64, 32, 16, 16, 40, 0.3, seed);
    SearchStrategy search = new SteadyStateSearch(parameters, SPACE, SPACE.seeds());
    converse(search, 8, new Random(seed), SteadyStateSearchTest::valley);

    double seeds =
        SPACE.seeds().stream()
            .map(SteadyStateSearchTest::valley)
            .mapToDouble(outcome -> ((Outcome.Fitness) outcome).perplexity())
            .min()
            .orElseThrow();
    assertThat(search.best().orElseThrow().perplexity() - 10).isLessThan((seeds - 10) / 3);
  }

  @Test
  void allRejected_endsWithoutBest() {
    SearchStrategy search = new SteadyStateSearch(SMALL, SPACE, SPACE.seeds());
    converse(search, 3, new Random(1), candidate -> Outcome.of(Double.NaN));

    assertThat(search.best()).isEmpty();
    assertThat(search.generations()).allMatch(stats -> stats.best().isEmpty());
  }

  /** One pair: fewer candidates than the 384 of the search. */
  @ParameterizedTest
  @ValueSource(ints = {1, 5, 500})
  void spaceRunsOut_searchEnds(int evaluators) {
    SearchSpace space = Fixtures.space(2, 2, 3);
    int size = (space.upper() - space.lower() + 1) * space.startTokens().size();
    SearchStrategy search =
        new SteadyStateSearch(new GeneticConfig(64, 32, 16, 16, 10, 0.3, 42), space, space.seeds());
    List<Step> steps = converse(search, evaluators, new Random(1), SteadyStateSearchTest::valley);

    assertThat(proposed(steps)).doesNotHaveDuplicates().hasSizeBetween(size / 2, size);
    assertThat(search.generations().stream().mapToInt(GenerationStats::evaluations).sum())
        .isEqualTo(proposed(steps).size());
  }

  private static Outcome partlyRejected(Candidate candidate) {
    return candidate.hashCode() % 3 == 0 ? new Outcome.Rejection("failed") : valley(candidate);
  }
}
