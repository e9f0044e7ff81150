package org.longrope.search;

import java.util.Arrays;
import java.util.List;
import java.util.random.RandomGenerator;

/** Synthetic fitness on five documents: one common valley, with a small tilt for each document. */
public final class Valley {
  public static final int DOCUMENTS = 5;

  private static final List<Integer> ALL = List.of(0, 1, 2, 3, 4);

  /** ψ of every query scale at the bottom. */
  public static final double PSI = 0.2;

  private Valley() {}

  private static double logPerplexity(Candidate candidate, int document) {
    RandomGenerator own = Randomness.at(99, document);
    double sum = 0.02 * Math.abs(Math.log1p(candidate.startTokens()) - Math.log1p(8));
    double attention = Math.log(candidate.attention() / 1060.0);
    sum += 20 * attention * attention;
    double[] psi = candidate.queryScales().logs();
    sum += Arrays.stream(psi).map(log -> log * (log - 2 * PSI)).average().orElse(0);
    for (int i = 0; i < candidate.pairs(); i++) {
      double off = off(candidate, i, own);
      sum += off * off / candidate.pairs();
    }
    return 2 + sum;
  }

  /**
   * Returns the logarithm of the perplexity of a candidate.
   *
   * @param documents from 0; empty: all
   */
  public static double logPerplexity(Candidate candidate, List<Integer> documents) {
    return (documents.isEmpty() ? ALL : documents)
        .stream()
            .mapToDouble(document -> logPerplexity(candidate, document))
            .average()
            .orElseThrow();
  }

  /** Returns the outcome of a proposal, with its slope if it asks for that. */
  public static Outcome outcome(Proposal proposal) {
    if (proposal.gradient()) {
      return gradient(proposal);
    }
    return Outcome.of(Math.exp(logPerplexity(proposal.candidate(), proposal.documents())));
  }

  private static Outcome.Gradient gradient(Proposal proposal) {
    Candidate candidate = proposal.candidate();
    List<Integer> documents = proposal.documents();
    double[] byLogFactors = new double[candidate.pairs()];
    for (int document : documents) {
      RandomGenerator own = Randomness.at(99, document);
      for (int i = 0; i < byLogFactors.length; i++) {
        byLogFactors[i] += 2 * off(candidate, i, own) / candidate.pairs() / documents.size();
      }
    }
    return new Outcome.Gradient(
        Math.exp(logPerplexity(candidate, documents)),
        Arrays.stream(byLogFactors).boxed().toList(),
        40 * Math.log(candidate.attention() / 1060.0),
        Arrays.stream(candidate.queryScales().logs())
            .mapToObj(psi -> 2 * (psi - PSI) / candidate.queryScales().size())
            .toList());
  }

  private static double off(Candidate candidate, int pair, RandomGenerator own) {
    double best = 1 + 7 * Math.pow((pair + 1.0) / candidate.pairs(), 3);
    return Math.log(candidate.factors().get(pair) / best) + 0.05 * (own.nextDouble() - 0.5);
  }

  public static long cost(Proposal proposal) {
    return proposal.documents().isEmpty() ? DOCUMENTS : proposal.documents().size();
  }

  /**
   * ln perplexity on all documents of a smooth vector at their common optimum, but for the grid.
   */
  public static double floor(int pairs) {
    double sum = 0;
    RandomGenerator[] own = new RandomGenerator[DOCUMENTS];
    for (int document : ALL) {
      own[document] = Randomness.at(99, document);
    }
    for (int i = 0; i < pairs; i++) {
      double mean = 0;
      double squares = 0;
      for (RandomGenerator one : own) {
        double lean = 0.05 * (one.nextDouble() - 0.5);
        mean += lean / DOCUMENTS;
        squares += lean * lean / DOCUMENTS;
      }
      sum += (squares - mean * mean) / pairs;
    }
    return 2 + sum;
  }
}
