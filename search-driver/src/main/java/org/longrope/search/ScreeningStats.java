package org.longrope.search;

/**
 * Statistics on how well a surrogate has predicted so far.
 *
 * @param rankCorrelation Spearman's correlation of predictions and results; mean over generations
 * @param recent mean over the last few generations
 * @param generations that were predicted, screened or not
 * @param screened generations whose candidates the surrogate chose
 * @param screens whether it chooses now; it does not while it is no better than chance
 */
public record ScreeningStats(
    double rankCorrelation, double recent, int generations, int screened, boolean screens) {}
