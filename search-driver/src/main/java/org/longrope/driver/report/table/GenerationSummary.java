package org.longrope.driver.report.table;

/**
 * One generation of a search, as the convergence plot shows it.
 *
 * @param generation from 0
 * @param bestPerplexity the best ever seen, up to and with this generation
 * @param medianPerplexity of the generation's own candidates; NaN if all were rejected
 * @param evaluations candidates scored in this generation
 * @param rejected candidates without a perplexity
 */
public record GenerationSummary(
    int generation,
    double bestPerplexity,
    double medianPerplexity,
    int evaluations,
    int rejected) {}
