package org.longrope.search.cmaes;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatIllegalArgumentException;
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
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.EnumSource;
import org.junit.jupiter.params.provider.ValueSource;
import org.longrope.search.Candidate;
import org.longrope.search.Fixtures;
import org.longrope.search.GenerationStats;
import org.longrope.search.Outcome;
import org.longrope.search.Proposal;
import org.longrope.search.SearchMode;
import org.longrope.search.SearchSpace;
import org.longrope.search.SearchStrategy;
import org.longrope.search.Surrogate;
import org.longrope.search.Valley;

class AsynchronousCmaEsSearchTest {
  /** Recorded call: a proposal, or its outcome. */
  private record Step(Proposal proposal, Optional<Outcome> answer) {}

  private static CmaEsConfig config(int budget, long seed, Feature... without) {
    return new CmaEsConfig(16, budget, Set.of(without), false, seed);
  }

  private static SearchStrategy search(SearchMode mode, CmaEsConfig config, SearchSpace space) {
    return config.strategy(mode, space, space.seeds(), Valley.DOCUMENTS, Surrogate.NONE);
  }

  private static SearchStrategy search(CmaEsConfig config) {
    return search(SearchMode.ASYNCHRONOUS, config, SPACE);
  }

  /** Runs a search with several executors; outcomes come in a random order. */
  private static List<Step> converse(
      SearchStrategy search, int executors, Random random, Function<Proposal, Outcome> scorer) {
    List<Step> steps = new ArrayList<>();
    List<Proposal> running = new ArrayList<>();
    while (!search.finished()) {
      while (running.size() < executors) {
        Optional<Proposal> next = search.ask();
        if (next.isEmpty()) {
          break;
        }
        assertThat(running).extracting(Proposal::candidate).doesNotContain(next.get().candidate());
        running.add(next.get());
        steps.add(new Step(next.get(), Optional.empty()));
      }
      if (!running.isEmpty()) {
        Proposal done = running.remove(random.nextInt(running.size()));
        Outcome outcome = scorer.apply(done);
        steps.add(new Step(done, Optional.of(outcome)));
        search.tell(done.candidate(), outcome);
      }
    }
    assertThat(running).isEmpty();
    return steps;
  }

  private static List<Proposal> proposed(List<Step> steps) {
    return steps.stream().filter(step -> step.answer().isEmpty()).map(Step::proposal).toList();
  }

  private static Outcome partlyRejected(Proposal proposal) {
    return proposal.candidate().hashCode() % 3 == 0
        ? new Outcome.Rejection("failed")
        : Valley.outcome(proposal);
  }

  /** Nothing but the recorded calls decides: not the calls without a proposal in between. */
  @ParameterizedTest
  @ValueSource(ints = {1, 5, 64, 300})
  void replay_ofRecordedCalls_proposesTheSame(int executors) {
    for (int seed = 0; seed < 4; seed++) {
      SearchStrategy first = search(config(500, 7));
      List<Step> steps =
          converse(first, executors, new Random(seed), AsynchronousCmaEsSearchTest::partlyRejected);
      SearchStrategy again = search(config(500, 7));
      for (Step step : steps) {
        if (step.answer().isPresent()) {
          again.tell(step.proposal().candidate(), step.answer().get());
        } else {
          assertThat(again.ask()).contains(step.proposal());
        }
      }
      assertThat(again.finished()).isTrue();
      assertThat(again.ask()).isEmpty();
      assertThat(again.best()).isEqualTo(first.best());
      assertThat(again.generations()).isEqualTo(first.generations());
    }
  }

  @Test
  void anotherOrderOfOutcomes_givesAnotherCourse() {
    Set<List<Proposal>> courses = new HashSet<>();
    for (int seed = 0; seed < 3; seed++) {
      courses.add(proposed(converse(search(config(300, 7)), 5, new Random(seed), Valley::outcome)));
    }
    assertThat(courses).hasSize(3);
  }

  @ParameterizedTest
  @CsvSource({"62, 2", "62, 64", "333, 1", "1000, 2", "1000, 64", "1000, 256", "300, 2000"})
  void budget_isKeptAndNearlyUsed_andNothingIsReadTwice(int budget, int executors) {
    SearchStrategy search = search(config(budget, 4, Feature.EARLY_STOP));
    List<Proposal> course = proposed(converse(search, executors, new Random(3), Valley::outcome));
    assertThat(course).extracting(Proposal::candidate).allMatch(SPACE::contains);
    assertThat(course)
        .extracting(p -> List.of(p.candidate(), p.documents()))
        .doesNotHaveDuplicates();
    assertThat(course.stream().mapToLong(Valley::cost).sum())
        .isBetween(budget - 3L * Valley.DOCUMENTS, (long) budget);
  }

  /** An executor is free, and the budget is not used: there is a proposal for it. */
  @ParameterizedTest
  @ValueSource(ints = {2, 64, 256})
  void ask_beforeTheLastOutcomes_alwaysHasAProposal(int executors) {
    List<Step> steps =
        converse(
            search(config(2000, 4, Feature.EARLY_STOP)), executors, new Random(5), Valley::outcome);
    int running = 0;
    int proposed = 0;
    for (Step step : steps) {
      running += step.answer().isEmpty() ? 1 : -1;
      proposed += step.answer().isEmpty() ? 1 : 0;
      if (proposed >= executors && proposed < proposed(steps).size() - 1) {
        assertThat(running).isGreaterThanOrEqualTo(executors - 1);
      }
    }
  }

  /**
   * Two executors need no more evaluations than with generations, and sixty-four not twice that.
   */
  @Test
  void quality_isThatOfGenerations() {
    double generational = excess(SearchMode.GENERATIONAL, 500, 1);
    assertThat(excess(SearchMode.ASYNCHRONOUS, 500, 2)).isLessThan(generational);
    assertThat(excess(SearchMode.ASYNCHRONOUS, 1000, 64)).isLessThan(generational);
  }

  /** Returns the mean excess over the floor of ln perplexity, of several seeds. */
  private static double excess(SearchMode mode, int budget, int executors) {
    double sum = 0;
    for (int seed = 1; seed <= 6; seed++) {
      SearchStrategy search = search(mode, config(budget, seed), SPACE);
      converse(search, executors, new Random(seed), Valley::outcome);
      double found = Math.log(search.best().orElseThrow().perplexity());
      sum += found - Valley.floor(SPACE.pairs());
    }
    return sum / 6;
  }

  @Test
  void best_isTheBestOfThoseThatWereScoredOnAllDocuments() {
    SearchStrategy search = search(config(300, 5));
    List<Step> steps = converse(search, 8, new Random(2), Valley::outcome);
    assertThat(search.best().orElseThrow().perplexity())
        .isEqualTo(
            proposed(steps).stream()
                .filter(p -> p.documents().isEmpty())
                .mapToDouble(p -> ((Outcome.Fitness) Valley.outcome(p)).perplexity())
                .min()
                .orElseThrow());
  }

  @ParameterizedTest
  @EnumSource(Feature.class)
  void everyFeature_canBeLeftOut(Feature feature) {
    SearchStrategy search = search(config(500, 3, feature));
    converse(search, 5, new Random(1), Valley::outcome);
    double seeds =
        SPACE.seeds().stream()
            .mapToDouble(seed -> Valley.logPerplexity(seed, List.of()))
            .min()
            .orElseThrow();
    assertThat(Math.log(search.best().orElseThrow().perplexity())).isLessThan(seeds);
  }

  @ParameterizedTest
  @CsvSource({"2, 1", "2, 100", "4, 5", "16, 5", "128, 20"})
  void search_worksForAnyNumberOfPairs(int rotaryDimension, int executors) {
    SearchSpace space = Fixtures.space(rotaryDimension, 256, 2048);
    SearchStrategy search = search(SearchMode.ASYNCHRONOUS, config(300, 1), space);
    List<Step> steps = converse(search, executors, new Random(1), Valley::outcome);
    assertThat(proposed(steps)).extracting(Proposal::candidate).allMatch(space::contains);
  }

  /** One pair from 1 to 1.25 without attention: fewer candidates than the budget. */
  @ParameterizedTest
  @ValueSource(ints = {1, 7, 500})
  void spaceRunsOut_searchEnds(int executors) {
    SearchSpace space = SearchSpace.upTo(1, Fixtures.space(2, 256, 2048).rope(), 2048);
    CmaEsConfig config = config(4000, 1, Feature.ATTENTION, Feature.EARLY_STOP);
    SearchStrategy search = search(SearchMode.ASYNCHRONOUS, config, space);
    List<Step> steps = converse(search, executors, new Random(1), Valley::outcome);
    assertThat(proposed(steps)).hasSizeLessThan(1000);
    assertThat(search.best()).isPresent();
  }

  @ParameterizedTest
  @ValueSource(ints = {1, 64})
  void rejections_ofEverything_endTheSearchWithoutABest(int executors) {
    SearchStrategy search = search(config(400, 3));
    converse(search, executors, new Random(1), p -> new Outcome.Rejection("no"));
    assertThat(search.best()).isEmpty();
    assertThat(search.generations()).allMatch(stats -> stats.best().isEmpty());
  }

  /** The seeds that the first document likes best may not be scorable on the others. */
  @Test
  void rejectedSeeds_areReplacedByTheNext() {
    int[] whole = {0};
    SearchStrategy search = search(config(300, 1));
    converse(
        search,
        2,
        new Random(1),
        p ->
            p.documents().isEmpty() && whole[0]++ < 4
                ? new Outcome.Rejection("no")
                : Valley.outcome(p));
    assertThat(search.best()).isPresent();
  }

  @Test
  void generations_haveTheirNumberOfOutcomesInTheOrderOfTheirComing() {
    SearchStrategy search = search(config(300, 1));
    List<Step> steps = converse(search, 5, new Random(1), Valley::outcome);
    List<GenerationStats> generations = search.generations();
    int outcomes = proposed(steps).size();
    assertThat(generations).hasSize((outcomes + 15) / 16);
    assertThat(generations.subList(0, generations.size() - 1))
        .allMatch(stats -> stats.evaluations() == 16);
    assertThat(generations.get(generations.size() - 1).totalEvaluations()).isEqualTo(outcomes);
  }

  @Test
  void tell_ofACandidateNotProposedOrTwice_isRejected() {
    SearchStrategy search = search(config(400, 3));
    Candidate asked = search.ask().orElseThrow().candidate();
    search.tell(asked, Outcome.of(1));
    assertThatIllegalArgumentException().isThrownBy(() -> search.tell(asked, Outcome.of(1)));
    Candidate stranger = Candidate.of(new int[] {100}, 0);
    assertThatIllegalArgumentException().isThrownBy(() -> search.tell(stranger, Outcome.of(1)));
  }
}
