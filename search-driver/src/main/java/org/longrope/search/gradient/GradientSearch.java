package org.longrope.search.gradient;

import java.util.ArrayList;
import java.util.Collections;
import java.util.HashMap;
import java.util.HashSet;
import java.util.Iterator;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import org.jspecify.annotations.Nullable;
import org.longrope.search.Candidate;
import org.longrope.search.CriticalDimensions;
import org.longrope.search.GenerationStats;
import org.longrope.search.Outcome;
import org.longrope.search.Proposal;
import org.longrope.search.ScoredCandidate;
import org.longrope.search.SearchSpace;
import org.longrope.search.SearchStrategy;
import org.longrope.search.Survivors;

/**
 * Search by gradient. Perplexity is differentiable in log λ and in the logarithm of the attention
 * factor, so that one backward pass tells how to move all of them.
 *
 * <pre>
 *   starts        the seeds and YaRN at several critical dimensions; the best begin a descent each
 *   descents      steps of {@link Adam}, each by the gradients of a batch of documents; every few
 *                 steps the answer, a running mean of the points, is compared with the others
 *   start tokens  n̂ is discrete: a few values are tried at the best answer
 *   result        the best of all that were compared, which is then scored on all documents
 * </pre>
 *
 * <p>Answers are compared on documents that no gradient is taken on: a descent that fits its own
 * documents alone does not win, and the result is there never worse than the best start.
 *
 * <p>Outcomes may come in any order. A descent waits for all gradients of a step, and for the
 * comparison before the last, so that the same outcomes lead to the same steps.
 */
final class GradientSearch implements SearchStrategy {
  /** Comparisons that together must gain at least {@link #LEAST_GAIN}, or the descent ends. */
  private static final int PATIENCE = 3;

  /** In ln perplexity. */
  private static final double LEAST_GAIN = 0.0005;

  private enum Phase {
    STARTS,
    DESCENTS,
    START_TOKENS,
    RESULT
  }

  /** A descent with its comparisons. */
  private static final class Tracked {
    private final Descent descent;
    private final List<Candidate> answers = new ArrayList<>();
    private boolean ended;

    private Tracked(Descent descent) {
      this.descent = descent;
    }
  }

  private final GradientConfig config;
  private final SearchSpace space;
  private final int documents;
  private final List<Integer> compared;
  private final List<Proposal> waiting = new ArrayList<>();
  private final Map<Candidate, Proposal> open = new HashMap<>();
  private final Map<Candidate, Outcome> scores = new HashMap<>();
  private final Set<Candidate> requested = new HashSet<>();
  private final Survivors best = new Survivors(1);
  private final Survivors starts;
  private final List<Tracked> descents = new ArrayList<>();
  private final Map<Candidate, Tracked> atPoint = new HashMap<>();
  private final GradientGenerations generations = new GradientGenerations();
  private Phase phase = Phase.STARTS;
  private @Nullable ScoredCandidate result;

  /**
   * Begins a search.
   *
   * @param documents number of documents of the search, 1 or more
   * @param seeds candidates to begin with
   */
  GradientSearch(GradientConfig config, SearchSpace space, int documents, List<Candidate> seeds) {
    this.config = config;
    this.space = space;
    this.documents = documents;
    compared = config.comparedOn(documents);
    starts = new Survivors(config.descents());
    Set<Candidate> all = new LinkedHashSet<>();
    for (Candidate seed : seeds) {
      all.add(allowed(seed));
    }
    CriticalDimensions.yarn(space).stream()
        .map(factors -> Candidate.nearest(factors, 0, space))
        .forEach(all::add);
    all.forEach(candidate -> compare(0, candidate));
  }

  private Candidate allowed(Candidate given) {
    Candidate ordered = config.monotone() ? given.onGrid(space) : given;
    Candidate seed =
        config.fixedAttention()
            ? Candidate.free(ordered.inHundredths(), ordered.startTokens(), Candidate.AS_GIVEN)
            : ordered;
    return seed.withQueryScales(given.queryScales());
  }

  private void compare(int generation, Candidate candidate) {
    if (requested.add(candidate)) {
      propose(new Proposal(generation, candidate, compared));
    }
  }

  private void propose(Proposal proposal) {
    waiting.add(proposal);
    generations.proposed(proposal.generation());
  }

  @Override
  public Optional<Proposal> ask() {
    Iterator<Proposal> proposals = waiting.iterator();
    while (proposals.hasNext()) {
      Proposal next = proposals.next();
      // One open proposal for a candidate: an outcome is told by the candidate alone.
      if (!open.containsKey(next.candidate())) {
        proposals.remove();
        open.put(next.candidate(), next);
        return Optional.of(next);
      }
    }
    return Optional.empty();
  }

  @Override
  public void tell(Candidate candidate, Outcome outcome) {
    Proposal proposal = open.remove(candidate);
    if (proposal == null) {
      throw new IllegalArgumentException(
          "Cannot take an outcome of " + candidate + ": expected one that was proposed, once");
    }
    generations.told(proposal, outcome);
    if (proposal.gradient()) {
      stepped(candidate, outcome);
    } else if (phase == Phase.RESULT) {
      result(candidate, outcome);
    } else {
      scores.put(candidate, outcome);
      best.add(candidate, outcome);
      if (phase == Phase.STARTS) {
        starts.add(candidate, outcome);
      }
    }
    follow();
  }

  private void result(Candidate candidate, Outcome outcome) {
    if (outcome instanceof Outcome.Fitness fitness) {
      result = new ScoredCandidate(candidate, fitness.perplexity());
    }
  }

  private void stepped(Candidate point, Outcome outcome) {
    Tracked tracked = atPoint.remove(point);
    if (tracked == null) {
      throw new IllegalStateException("No descent is at " + point);
    }
    Descent descent = tracked.descent;
    if (outcome instanceof Outcome.Gradient gradient) {
      descent.step(gradient);
    } else {
      tracked.ended = true;
    }
    boolean check = descent.steps() % GradientConfig.BETWEEN_CHECKS == 0 || descent.isThrough();
    if (descent.steps() > 0 && (check || tracked.ended)) {
      Candidate answer = descent.answer();
      tracked.answers.add(answer);
      compare(generation(descent.steps() - 1), answer);
    }
    tracked.ended |= descent.isThrough();
  }

  /** Returns the generation of a step: one lasts from comparison to comparison. */
  private static int generation(int step) {
    return 1 + step / GradientConfig.BETWEEN_CHECKS;
  }

  /** Proposes what the outcomes so far allow. */
  private void follow() {
    if (phase == Phase.DESCENTS) {
      descents.forEach(this::continueDescent);
    }
    while (waiting.isEmpty() && open.isEmpty() && phase != Phase.RESULT) {
      nextPhase();
    }
    generations.close(waiting.isEmpty() && open.isEmpty());
  }

  private void nextPhase() {
    switch (phase) {
      case STARTS -> {
        phase = Phase.DESCENTS;
        beginDescents();
      }
      case DESCENTS -> {
        phase = Phase.START_TOKENS;
        best.best().ifPresent(answer -> tryStartTokens(answer.candidate()));
      }
      default -> {
        phase = Phase.RESULT;
        best.best()
            .ifPresent(answer -> propose(Proposal.whole(lastGeneration() + 1, answer.candidate())));
      }
    }
  }

  private int lastGeneration() {
    return 1 + config.checks();
  }

  private void beginDescents() {
    List<Integer> others = GradientConfig.descendedOn(compared, documents);
    for (ScoredCandidate start : starts.ranked()) {
      Coordinates coordinates = new Coordinates(space, config, start.candidate().startTokens());
      descents.add(
          new Tracked(
              new Descent(config, coordinates, start.candidate(), descents.size(), others)));
    }
    descents.forEach(this::continueDescent);
  }

  /** Proposes the next step of a descent that waits for nothing. */
  private void continueDescent(Tracked tracked) {
    Descent descent = tracked.descent;
    if (tracked.ended || atPoint.containsValue(tracked)) {
      return;
    }
    int known = descent.steps() / GradientConfig.BETWEEN_CHECKS - 1;
    if (descent.steps() % GradientConfig.BETWEEN_CHECKS == 0 && known > 0) {
      List<Candidate> before = tracked.answers.subList(0, known);
      if (!scores.keySet().containsAll(before)) {
        return;
      }
      if (hasSettled(before)) {
        tracked.ended = true;
        return;
      }
    }
    Candidate point = descent.point();
    if (atPoint.putIfAbsent(point, tracked) == null) {
      propose(new Proposal(generation(descent.steps()), point, descent.batch(), true));
    } else {
      // Two descents have met: one of them is enough.
      tracked.ended = true;
    }
  }

  private boolean hasSettled(List<Candidate> answers) {
    int last = answers.size() - 1;
    return last >= PATIENCE
        && logScore(answers.get(last - PATIENCE)) - logScore(answers.get(last)) < LEAST_GAIN;
  }

  private double logScore(Candidate candidate) {
    return scores.get(candidate) instanceof Outcome.Fitness fitness
        ? StrictMath.log(fitness.perplexity())
        : Double.POSITIVE_INFINITY;
  }

  private void tryStartTokens(Candidate answer) {
    for (int tokens : GradientConfig.START_TOKENS) {
      if (space.startTokens().contains(tokens)) {
        compare(lastGeneration(), answer.withStartTokens(tokens));
      }
    }
  }

  @Override
  public boolean finished() {
    return phase == Phase.RESULT && waiting.isEmpty() && open.isEmpty();
  }

  @Override
  public Optional<ScoredCandidate> best() {
    return result == null ? best.best() : Optional.of(result);
  }

  @Override
  public List<GenerationStats> generations() {
    return Collections.unmodifiableList(generations.complete());
  }
}
