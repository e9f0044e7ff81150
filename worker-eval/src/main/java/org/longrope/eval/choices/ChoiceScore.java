package org.longrope.eval.choices;

import java.io.Serializable;

/**
 * Scores of the continuations of {@link Choices}.
 *
 * @param id of the question
 * @param logLikelihoods Σ ln p of each continuation's tokens given the context and those before, in
 *     nats; not copied
 */
@SuppressWarnings("ArrayRecordComponent") // compared by nobody
public record ChoiceScore(String id, double[] logLikelihoods) implements Serializable {}
