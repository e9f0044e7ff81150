package org.longrope.search;

/**
 * A sample of a distribution of candidates.
 *
 * @param normal independent standard normal values
 * @param candidate what they stand for
 */
public record Sample(double[] normal, Candidate candidate) {}
