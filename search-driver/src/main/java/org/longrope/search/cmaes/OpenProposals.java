package org.longrope.search.cmaes;

import java.util.ArrayDeque;
import java.util.Deque;
import java.util.HashMap;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import org.jspecify.annotations.Nullable;
import org.longrope.search.Candidate;
import org.longrope.search.Proposal;

/**
 * Proposals of an asynchronous search that have no outcome yet, and candidates that are to be
 * scored on all documents next. Nothing is proposed twice.
 */
final class OpenProposals {
  /** Purpose of a proposal. */
  enum Role {
    SEED,
    DRAWN_SEED,
    BEST_SEED,
    SAMPLE,
    MEAN
  }

  /**
   * Proposal with its origin.
   *
   * @param from distribution that drew it; null if none did
   * @param point in its coordinates
   */
  record Open(Role role, Proposal proposal, @Nullable Distribution from, double[] point) {
    /** Returns a proposal that was not drawn. */
    static Open of(Role role, Proposal proposal) {
      return new Open(role, proposal, null, new double[0]);
    }

    Candidate candidate() {
      return proposal.candidate();
    }
  }

  /** Candidate on a document; on all if there is none. */
  private record Reading(Candidate candidate, List<Integer> documents) {}

  private final int documents;
  private final Map<Candidate, Open> open = new HashMap<>();
  private final Set<Reading> readings = new HashSet<>();
  private final Deque<Open> chosen = new ArrayDeque<>();
  private long evaluations;

  /**
   * Makes it empty.
   *
   * @param documents number of documents of the search
   */
  OpenProposals(int documents) {
    this.documents = documents;
  }

  /** Adds a proposal. */
  Optional<Proposal> add(Open one) {
    Proposal proposal = one.proposal;
    readings.add(new Reading(one.candidate(), proposal.documents()));
    open.put(one.candidate(), one);
    evaluations += proposal.documents().isEmpty() ? documents : proposal.documents().size();
    return Optional.of(proposal);
  }

  /** Returns whether a candidate can be proposed now and was not on these documents before. */
  boolean isNew(Candidate candidate, List<Integer> on) {
    return !open.containsKey(candidate) && !readings.contains(new Reading(candidate, on));
  }

  /**
   * Chooses a candidate to be proposed next.
   *
   * @param one for all documents
   * @return false if it was chosen before
   */
  boolean choose(Open one) {
    return readings.add(new Reading(one.candidate(), List.of())) && chosen.add(one);
  }

  /** Adds the next chosen candidate; empty if there is none, or it is open on a document. */
  Optional<Proposal> addChosen() {
    Open next = chosen.peek();
    return next == null || open.containsKey(next.candidate())
        ? Optional.empty()
        : add(chosen.remove());
  }

  /**
   * Removes a proposal that has its outcome.
   *
   * @throws IllegalArgumentException if the candidate is not open
   */
  Open remove(Candidate candidate) {
    Open one = open.remove(candidate);
    if (one == null) {
      throw new IllegalArgumentException(
          "Cannot take an outcome of " + candidate + ": expected one that was proposed, once");
    }
    return one;
  }

  /** Returns the number of proposals without an outcome. */
  int size() {
    return open.size();
  }

  /** Returns the number of candidates that are chosen and not proposed. */
  int chosen() {
    return chosen.size();
  }

  /** Returns the number of evaluations proposed so far. */
  long evaluations() {
    return evaluations;
  }
}
