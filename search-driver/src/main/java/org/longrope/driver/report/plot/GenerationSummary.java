package org.longrope.driver.report.plot;

/**
 * Generation of a search, as the convergence plot shows it.
 *
 * @param generation from 0
 * @param bestPerplexity the lowest of all generations so far
 * @param medianPerplexity of the candidates of this generation; NaN if all were rejected
 * @param evaluations candidates scored in this generation
 * @param rejected candidates without a perplexity
 */
public record GenerationSummary(
    int generation,
    double bestPerplexity,
    double medianPerplexity,
    int evaluations,
    int rejected) {}
