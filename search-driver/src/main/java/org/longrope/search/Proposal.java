package org.longrope.search;

/**
 * A candidate that a strategy wants scored.
 *
 * @param generation 0 for the first population
 * @param candidate never proposed before
 */
public record Proposal(int generation, Candidate candidate) {}
