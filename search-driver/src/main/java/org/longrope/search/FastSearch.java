package org.longrope.search;

import java.util.ArrayDeque;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.Collections;
import java.util.Deque;
import java.util.HashSet;
import java.util.LinkedHashMap;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.random.RandomGenerator;
import org.jspecify.annotations.Nullable;

/**
 * Finds factors with a tenth of the documents that Algorithm 1 reads.
 *
 * <pre>
 *   seeds       all on one document, the best few on all: the best is the centre
 *   bending     a CMA evolution strategy moves a few control points of log λ, the attention factor
 *               and n̂; each generation reads one document, the next generation the next one
 *   refining    the same for every factor by itself, neighbours correlated at first
 *   result      the best of the distribution's means, each scored on all documents now and then
 * </pre>
 *
 * Within a generation candidates are compared on the same document, and documents differ far more
 * in level than in what they prefer; the mean moves by what all of them agree on.
 */
final class FastSearch implements SearchStrategy {
  private static final int CONTROL_POINTS = 8;
  private static final int SEEDS_ON_ALL = 3;

  /** As many as there are at most, with those of a further extension. */
  private static final int MOST_SEEDS = 20;

  /** Share of the budget after which every factor moves by itself. */
  private static final double BENDING = 0.5;

  /** Generations from one mean that is scored on all documents to the next. */
  private static final int BETWEEN_MEANS = 6;

  /** At the start, of log λ over the logarithm of the greatest factor. */
  private static final double DEVIATION = 0.15;

  private static final double LEAST_DEVIATION = 0.02;

  private static final double ATTENTION_DEVIATION = 0.04;
  private static final double LEAST_ATTENTION_DEVIATION = 0.005;

  /** In places of the list. */
  private static final double START_TOKENS_DEVIATION = 1;

  private static final double LEAST_START_TOKENS_DEVIATION = 0.3;

  /** Of every factor by itself over that of the control points. */
  private static final double REFINING = 0.4;

  /** Of a factor's variance what it does not share with its neighbours. */
  private static final double OWN = 0.1;

  /** How far a factor's neighbourhood goes, in parts of all pairs. */
  private static final double NEIGHBOURHOOD = 1 / 8.0;

  private final FastParameters parameters;
  private final SearchSpace space;
  private final int documents;
  private final Set<Candidate> scoredOnAll = new HashSet<>();
  private final Survivors best = new Survivors(1);
  private final List<GenerationStats> generations = new ArrayList<>();

  /** Of this generation, in their order; null until told. */
  private final Map<Candidate, @Nullable Outcome> outcomes = new LinkedHashMap<>();

  private final Set<Candidate> onAll = new HashSet<>();

  /** That have been scored on one document, and not on all; best first. */
  private final Deque<Candidate> promising = new ArrayDeque<>();

  private List<Integer> document = List.of(0);
  private int proposed;
  private int told;
  private int generation;

  /** Documents asked for so far, each time that one was. */
  private long read;

  private @Nullable Distribution distribution;
  private boolean ended;

  /** What generations are drawn from, and the draws of the present one. */
  private static final class Distribution {
    final Coordinates coordinates;
    final CovarianceAdaptation adaptation;
    final Map<Candidate, List<double[]>> draws = new LinkedHashMap<>();

    Distribution(Coordinates coordinates, CovarianceAdaptation adaptation) {
      this.coordinates = coordinates;
      this.adaptation = adaptation;
    }

    Candidate mean() {
      return coordinates.candidate(adaptation.mean());
    }
  }

  /**
   * @param documents of the search, 1 or more
   * @param seeds what to begin with, at least one
   */
  FastSearch(FastParameters parameters, SearchSpace space, int documents, List<Candidate> seeds) {
    this.parameters = parameters;
    this.space = space;
    this.documents = documents;
    seeds.forEach(this::onOne);
  }

  /** Documents that seeds, one generation and two means take at most. */
  static long leastBudget(FastParameters parameters, int documents) {
    return MOST_SEEDS
        + (long) parameters.generation() * parameters.each(documents)
        + (SEEDS_ON_ALL + 2L) * documents;
  }

  @Override
  public Optional<Proposal> ask() {
    Optional<Proposal> next =
        outcomes.keySet().stream()
            .skip(proposed)
            .findFirst()
            .map(
                candidate ->
                    new Proposal(
                        generation, candidate, onAll.contains(candidate) ? List.of() : document));
    next.ifPresent(proposal -> proposed++);
    return next;
  }

  @Override
  public void tell(Candidate candidate, Outcome outcome) {
    boolean asked = outcomes.keySet().stream().limit(proposed).anyMatch(candidate::equals);
    if (!asked || outcomes.get(candidate) != null) {
      throw new IllegalArgumentException(
          "Cannot take an outcome of " + candidate + ": expected one that was proposed, once");
    }
    outcomes.put(candidate, outcome);
    told++;
    if (onAll.contains(candidate) && scoredOnAll.add(candidate)) {
      best.add(candidate, outcome);
    }
    if (!outcomes.containsValue(null)) {
      complete();
    }
  }

  private void complete() {
    List<Outcome> all = new ArrayList<>();
    List<Outcome> whole = new ArrayList<>();
    outcomes.forEach(
        (candidate, outcome) -> {
          if (outcome != null) {
            all.add(outcome);
            if (onAll.contains(candidate)) {
              whole.add(outcome);
            }
          }
        });
    generations.add(GenerationStats.of(generation, all, whole, told));
    List<Candidate> ranking = ranking();
    if (generation == 0) {
      ranking.stream()
          .filter(seed -> outcomes.get(seed) instanceof Outcome.Fitness)
          .forEach(promising::add);
    }
    outcomes.clear();
    onAll.clear();
    proposed = 0;
    generation++;
    if (best.best().isEmpty()) {
      // None of the seeds so far could be scored on all documents: the next ones.
      for (int i = 0; i < SEEDS_ON_ALL && !promising.isEmpty(); i++) {
        onEvery(promising.remove());
      }
    } else {
      breed(best.best().get().candidate(), ranking);
    }
  }

  /** This generation's candidates, best first, the rejected ones last. */
  private List<Candidate> ranking() {
    Survivors ranked = new Survivors(outcomes.size());
    outcomes.forEach(ranked::add);
    Set<Candidate> ranking = new LinkedHashSet<>();
    ranked.ranked().forEach(scored -> ranking.add(scored.candidate()));
    ranking.addAll(outcomes.keySet());
    return new ArrayList<>(ranking);
  }

  private void breed(Candidate centre, List<Candidate> ranking) {
    Distribution present = distribution;
    if (present == null) {
      present = around(centre);
    } else if (!ended) {
      learn(present, ranking);
      if (present.coordinates.points() < space.pairs() && read >= BENDING * parameters.budget()) {
        present = refined(present);
      }
    }
    distribution = present;
    if (ended) {
      return;
    }
    boolean meanIsDue = generation % BETWEEN_MEANS == 0;
    long after =
        read
            + (long) parameters.generation() * parameters.each(documents)
            + (meanIsDue ? 2L : 1L) * documents;
    boolean last = after > parameters.budget();
    if (last || meanIsDue) {
      Candidate mean = present.mean();
      if (!scoredOnAll.contains(mean)) {
        onEvery(mean);
      }
    }
    if (last) {
      ended = true;
      return;
    }
    draw(present);
  }

  /** Looks about a candidate. */
  private Distribution around(Candidate centre) {
    boolean bending = parameters.with(Idea.CONTROL_POINTS) && space.pairs() > CONTROL_POINTS;
    double deviation = DEVIATION * StrictMath.log(space.upper() / (double) space.lower());
    return distribution(
        centre,
        bending ? CONTROL_POINTS : space.pairs(),
        Math.max(LEAST_DEVIATION, deviation),
        ATTENTION_DEVIATION,
        START_TOKENS_DEVIATION);
  }

  /** The same place, where every factor moves by itself. */
  private Distribution refined(Distribution bent) {
    double[] deviations = bent.adaptation.deviations();
    int points = bent.coordinates.points();
    double deviation = Arrays.stream(deviations).limit(points).average().orElseThrow();
    // The last two are there where they are searched, and not looked at otherwise.
    return distribution(
        bent.mean(),
        space.pairs(),
        Math.max(LEAST_DEVIATION, REFINING * deviation),
        Math.max(LEAST_ATTENTION_DEVIATION, deviations[Math.min(points, deviations.length - 1)]),
        Math.max(LEAST_START_TOKENS_DEVIATION, deviations[deviations.length - 1]));
  }

  private Distribution distribution(
      Candidate centre, int points, double bend, double attention, double startTokens) {
    Coordinates coordinates =
        new Coordinates(
            space,
            centre,
            points,
            parameters.with(Idea.ATTENTION),
            parameters.with(Idea.START_TOKENS));
    double[] deviations = coordinates.each(bend, attention, startTokens);
    double[][] covariance = new double[deviations.length][deviations.length];
    boolean correlated = points == space.pairs() && parameters.with(Idea.CORRELATED_MOVES);
    for (int i = 0; i < deviations.length; i++) {
      // Neighbouring factors have much in common where each moves by itself.
      for (int j = 0; correlated && i < points && j < points; j++) {
        double distance = (i - j) / (NEIGHBOURHOOD * points);
        covariance[i][j] = (1 - OWN) * square(bend) * StrictMath.exp(-square(distance) / 2);
      }
      covariance[i][i] = square(deviations[i]);
    }
    return new Distribution(
        coordinates,
        new CovarianceAdaptation(
            new double[deviations.length], covariance, parameters.generation()));
  }

  private static double square(double value) {
    return value * value;
  }

  private void draw(Distribution from) {
    document = List.of(generation % documents);
    from.draws.clear();
    for (int slot = 0; slot < parameters.generation(); slot++) {
      RandomGenerator random = Randomness.at(parameters.seed(), generation, slot);
      double[] normal = new double[from.coordinates.dimension()];
      for (int i = 0; i < normal.length; i++) {
        normal[i] = normal(random);
      }
      Candidate candidate = from.coordinates.candidate(from.adaptation.point(normal));
      from.draws.computeIfAbsent(candidate, drawn -> new ArrayList<>()).add(normal);
      if (parameters.each(documents) == documents) {
        onEvery(candidate);
      } else {
        onOne(candidate);
      }
    }
  }

  /** The same on every Java, as its own need not be (Box and Muller). */
  private static double normal(RandomGenerator random) {
    double radius = Math.sqrt(-2 * StrictMath.log(1 - random.nextDouble()));
    return radius * StrictMath.cos(2 * Math.PI * random.nextDouble());
  }

  private static void learn(Distribution from, List<Candidate> ranking) {
    List<double[]> ranked = new ArrayList<>();
    for (Candidate candidate : ranking) {
      ranked.addAll(from.draws.getOrDefault(candidate, List.of()));
    }
    from.adaptation.learn(ranked);
    from.adaptation.moveTo(from.coordinates.inside(from.adaptation.mean()));
  }

  private void onOne(Candidate candidate) {
    if (!outcomes.containsKey(candidate)) {
      outcomes.put(candidate, null);
      read++;
    }
  }

  private void onEvery(Candidate candidate) {
    outcomes.put(candidate, null);
    if (onAll.add(candidate)) {
      read += documents;
    }
  }

  @Override
  public boolean finished() {
    return outcomes.isEmpty();
  }

  @Override
  public Optional<Scored> best() {
    return best.best();
  }

  @Override
  public List<GenerationStats> generations() {
    return Collections.unmodifiableList(generations);
  }
}
