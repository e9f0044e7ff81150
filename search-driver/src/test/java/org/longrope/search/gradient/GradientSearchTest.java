package org.longrope.search.gradient;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatIllegalArgumentException;
import static org.longrope.search.Fixtures.SPACE;

import java.util.ArrayList;
import java.util.Arrays;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Random;
import java.util.function.Function;
import java.util.stream.Collectors;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;
import org.longrope.eval.rope.QueryScales;
import org.longrope.search.Candidate;
import org.longrope.search.Outcome;
import org.longrope.search.Proposal;
import org.longrope.search.QueryScaleChoice;
import org.longrope.search.ScoredCandidate;
import org.longrope.search.SearchMode;
import org.longrope.search.SearchSpace;
import org.longrope.search.SearchStrategy;
import org.longrope.search.Surrogate;
import org.longrope.search.Valley;
import org.longrope.search.genetic.GeneticConfig;

class GradientSearchTest {
  private static final List<Integer> COMPARED = List.of(4);

  private static GradientConfig config(int batch, int descents, long seed) {
    return new GradientConfig(40, batch, descents, false, false, QueryScaleChoice.NONE, 1, seed);
  }

  private static SearchStrategy search(GradientConfig config) {
    return search(config, Valley.DOCUMENTS);
  }

  private static SearchStrategy search(GradientConfig config, int documents) {
    return config.strategy(
        SearchMode.GENERATIONAL, SPACE, SPACE.seeds(), documents, Surrogate.NONE);
  }

  private static List<Proposal> course(SearchStrategy search, Random order) {
    return course(search, order, Valley::outcome);
  }

  /** Takes all proposals that there are, and gives the outcome of one at a time. */
  private static List<Proposal> course(
      SearchStrategy search, Random order, Function<Proposal, Outcome> outcomes) {
    List<Proposal> course = new ArrayList<>();
    List<Proposal> open = new ArrayList<>();
    while (!search.finished()) {
      for (Optional<Proposal> next = search.ask(); next.isPresent(); next = search.ask()) {
        open.add(next.get());
        course.add(next.get());
      }
      assertThat(open).extracting(Proposal::candidate).doesNotHaveDuplicates();
      Proposal one = open.remove(order.nextInt(open.size()));
      search.tell(one.candidate(), outcomes.apply(one));
    }
    assertThat(search.ask()).isEmpty();
    return course;
  }

  private static double logBest(SearchStrategy search) {
    return Math.log(search.best().orElseThrow().perplexity());
  }

  @ParameterizedTest
  @ValueSource(longs = {1, 2, 3})
  void search_withAHundredthOfTheReading_endsBelowAlgorithm1(long seed) {
    GeneticConfig paper = new GeneticConfig(64, 32, 16, 16, 40, 0.3, seed);
    SearchStrategy slow =
        paper.strategy(
            SearchMode.GENERATIONAL, SPACE, SPACE.seeds(), Valley.DOCUMENTS, Surrogate.NONE);
    course(slow, new Random(1));
    SearchStrategy fast = search(config(1, 1, seed));
    List<Proposal> course = course(fast, new Random(1));
    long read = course.stream().mapToLong(Valley::cost).sum();
    assertThat(read).isLessThan(paper.documentsScored(Valley.DOCUMENTS) / 60);
    assertThat(logBest(fast)).isLessThan(logBest(slow));
  }

  @ParameterizedTest
  @CsvSource({"1, 1", "3, 1", "2, 3", "4, 4"})
  void orderOfOutcomes_makesNoDifference(int batch, int descents) {
    SearchStrategy one = search(config(batch, descents, 6));
    List<Proposal> course = course(one, new Random(1));
    SearchStrategy other = search(config(batch, descents, 6));
    assertThat(course(other, new Random(2))).containsExactlyInAnyOrderElementsOf(course);
    assertThat(other.best()).isEqualTo(one.best());
    assertThat(other.generations()).containsExactlyInAnyOrderElementsOf(one.generations());
  }

  @Test
  void seed_choosesTheOrderOfDocuments() {
    List<Proposal> course = course(search(config(1, 1, 6)), new Random(1));
    assertThat(course(search(config(1, 1, 6)), new Random(1))).isEqualTo(course);
    assertThat(course(search(config(1, 1, 7)), new Random(1))).isNotEqualTo(course);
  }

  @Test
  void gradients_areOfDocumentsThatNoAnswerIsComparedOn() {
    List<Proposal> course = course(search(config(2, 2, 3)), new Random(1));
    assertThat(course).filteredOn(Proposal::gradient).hasSize(2 * 40);
    assertThat(course)
        .filteredOn(Proposal::gradient)
        .allSatisfy(step -> assertThat(step.documents()).hasSize(2).doesNotContain(4));
    assertThat(course)
        .filteredOn(proposal -> !proposal.gradient() && !proposal.documents().isEmpty())
        .allSatisfy(score -> assertThat(score.documents()).isEqualTo(COMPARED));
    // Every document is read equally often.
    Map<Integer, Long> read =
        course.stream()
            .filter(Proposal::gradient)
            .flatMap(step -> step.documents().stream())
            .collect(Collectors.groupingBy(document -> document, Collectors.counting()));
    assertThat(read).isEqualTo(Map.of(0, 40L, 1, 40L, 2, 40L, 3, 40L));
  }

  @Test
  void result_isTheBestOnTheComparedDocuments_scoredOnAll() {
    SearchStrategy search = search(config(1, 2, 5));
    List<Proposal> course = course(search, new Random(1));
    ScoredCandidate best = search.best().orElseThrow();
    assertThat(course.get(course.size() - 1)).isEqualTo(Proposal.whole(10, best.candidate()));
    assertThat(Math.log(best.perplexity()))
        .isEqualTo(Valley.logPerplexity(best.candidate(), List.of()));
    Candidate least =
        course.stream()
            .filter(proposal -> proposal.documents().equals(COMPARED) && !proposal.gradient())
            .map(Proposal::candidate)
            .min(
                (a, b) ->
                    Double.compare(
                        Valley.logPerplexity(a, COMPARED), Valley.logPerplexity(b, COMPARED)))
            .orElseThrow();
    assertThat(best.candidate()).isEqualTo(least);
  }

  /** The valley's best n̂ is 8. */
  @Test
  void startTokens_areTriedAtTheBestAnswer() {
    SearchStrategy search = search(config(1, 1, 5));
    course(search, new Random(1));
    assertThat(search.best().orElseThrow().candidate().startTokens()).isEqualTo(8);
  }

  @Test
  void candidates_areOfTheSpace() {
    assertThat(course(search(config(1, 3, 8)), new Random(1)))
        .extracting(Proposal::candidate)
        .allMatch(SPACE::contains);
  }

  @Test
  void monotone_keepsEveryCandidateInAscendingOrder() {
    GradientConfig config = new GradientConfig(40, 1, 2, true, false, QueryScaleChoice.NONE, 1, 3);
    SearchStrategy search = search(config);
    assertThat(course(search, new Random(1)))
        .allSatisfy(proposal -> assertThat(proposal.candidate().factors().toList()).isSorted());
    SearchStrategy free = search(config(1, 2, 3));
    course(free, new Random(1));
    // The valley's optimum is monotone but for the tilt of its documents.
    assertThat(logBest(search)).isLessThan(logBest(free) + 0.02);
  }

  @Test
  void seedThatDescends_isAStart_unlessTheSearchIsMonotone() {
    double[] hundredths = SPACE.seeds().get(2).inHundredths();
    hundredths[9] = 2 * hundredths[10];
    Candidate seed = Candidate.free(hundredths, 0, 1000);
    for (boolean monotone : new boolean[] {false, true}) {
      SearchStrategy search =
          new GradientConfig(1, 1, 1, monotone, false, QueryScaleChoice.NONE, 1, 1)
              .strategy(
                  SearchMode.GENERATIONAL, SPACE, List.of(seed), Valley.DOCUMENTS, Surrogate.NONE);
      assertThat(course(search, new Random(1)))
          .extracting(Proposal::candidate)
          .satisfies(
              all -> assertThat(all.contains(seed)).isNotEqualTo(monotone),
              all -> assertThat(all.contains(seed.onGrid(SPACE))).isEqualTo(monotone));
    }
  }

  @Test
  void fixedAttention_isThatOfTheSearch() {
    GradientConfig config = config(1, 1, 3).withFixedAttention();
    assertThat(course(search(config), new Random(1)))
        .allMatch(proposal -> proposal.candidate().attention() == Candidate.AS_GIVEN);
  }

  /** The starts leave the queries, a descent scales them. */
  @Test
  void queryScales_areFoundWithTheFactors() {
    SearchSpace space = SPACE.withQueryScales(QueryScales.ones(2, 3, SPACE.pairs()));
    GradientConfig config = new GradientConfig(40, 1, 1, false, false, QueryScaleChoice.HEAD, 1, 3);
    SearchStrategy search =
        config.strategy(
            SearchMode.GENERATIONAL, space, space.seeds(), Valley.DOCUMENTS, Surrogate.NONE);
    List<Proposal> course = course(search, new Random(1));
    assertThat(course)
        .allSatisfy(
            proposal ->
                assertThat(proposal.candidate().queryScales().isNone())
                    .isEqualTo(proposal.generation() == 0));
    QueryScales found = search.best().orElseThrow().candidate().queryScales();
    assertThat(found.hasShapeOf(space.queryScales())).isTrue();
    assertThat(Arrays.stream(found.logs())).allMatch(psi -> psi > 0.1 && psi < 0.3);
    SearchStrategy without = search(config(1, 1, 3));
    course(without, new Random(1));
    assertThat(logBest(search)).isLessThan(logBest(without) - 0.02);
  }

  @Test
  void oneDocument_isDescendedAndComparedOn() {
    SearchStrategy search = search(config(3, 1, 2), 1);
    List<Proposal> course = course(search, new Random(1));
    assertThat(course).allMatch(proposal -> proposal.of(List.of("one")).equals(List.of("one")));
    assertThat(logBest(search)).isLessThan(2.05);
  }

  @Test
  void rejectedGradient_endsItsDescentWithTheAnswerSoFar() {
    SearchStrategy search = search(config(1, 2, 5));
    int[] gradients = new int[1];
    List<Proposal> course =
        course(
            search,
            new Random(1),
            proposal ->
                proposal.gradient() && ++gradients[0] == 9
                    ? new Outcome.Rejection("no number")
                    : Valley.outcome(proposal));
    long whole = course(search(config(1, 2, 5)), new Random(1)).size();
    assertThat((long) course.size()).isBetween(40L, whole - 30);
    assertThat(logBest(search)).isLessThan(2.1);
  }

  @Test
  void everythingRejected_endsWithoutAResult() {
    SearchStrategy search = search(config(1, 1, 1));
    course(search, new Random(1), proposal -> new Outcome.Rejection("no number"));
    assertThat(search.best()).isEmpty();
  }

  @Test
  void evaluations_areAtMostThePlannedOnes() {
    for (int documents = 1; documents <= Valley.DOCUMENTS; documents++) {
      GradientConfig config = config(2, 2, 4);
      List<Proposal> course = course(search(config, documents), new Random(1));
      int all = documents;
      long read =
          course.stream()
              .mapToLong(one -> one.documents().isEmpty() ? all : one.documents().size())
              .sum();
      assertThat(read).isLessThanOrEqualTo(config.documentsScored(documents));
      assertThat(read).isGreaterThan(config.documentsScored(documents) / 2);
    }
  }

  @Test
  void generations_endWithTheirComparison() {
    SearchStrategy search = search(config(1, 1, 4));
    course(search, new Random(1));
    assertThat(search.generations()).hasSize(config(1, 1, 4).generations(5) + 1);
    assertThat(search.generations().get(1).evaluations()).isEqualTo(6);
    assertThat(search.generations()).allMatch(one -> one.best().isPresent());
    assertThat(new HashSet<>(search.generations())).hasSize(search.generations().size());
  }

  @Test
  void outcomeOfNoProposal_isRejected() {
    SearchStrategy search = search(config(1, 1, 1));
    Candidate seed = SPACE.seeds().get(0);
    assertThatIllegalArgumentException()
        .isThrownBy(() -> search.tell(seed, new Outcome.Fitness(3)))
        .withMessageContaining("expected one that was proposed");
  }

  @Test
  void asynchronousMode_isAProblem() {
    assertThat(config(1, 1, 1).problems(SearchMode.ASYNCHRONOUS, 5))
        .singleElement()
        .asString()
        .startsWith("mode is asynchronous: expected generational");
  }
}
