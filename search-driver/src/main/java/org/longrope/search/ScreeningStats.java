package org.longrope.search;

/**
 * What a surrogate was worth to a search so far.
 *
 * @param rankCorrelation Spearman's, of what it had predicted with what candidates came to; the
 *     mean over generations
 * @param recent the same of the last few generations
 * @param generations that were predicted, screened or not
 * @param screened generations whose candidates it had chosen
 * @param screens whether it chooses now; it stands aside while it is no better than chance
 */
public record ScreeningStats(
    double rankCorrelation, double recent, int generations, int screened, boolean screens) {}
