package org.longrope.search;

/**
 * Sample of a distribution of candidates.
 *
 * @param normal independent standard normal values
 * @param candidate that the values map to
 */
public record Sample(double[] normal, Candidate candidate) {}
