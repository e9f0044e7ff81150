package org.longrope.driver.lab.bench;

/**
 * Evaluation of a window.
 *
 * @param seconds that it took
 * @param nll sum in nats over all tokens but the first
 */
record TimedEvaluation(double seconds, double nll) {}
