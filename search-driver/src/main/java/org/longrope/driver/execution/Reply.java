package org.longrope.driver.execution;

import java.io.Serializable;

/**
 * What an executor sends back for a question.
 *
 * @param <A> an answer
 * @param computeType in which it was computed: f32, f16 or bf16
 * @param hardware that its last bits depend on, as {@link
 *     org.longrope.eval.decoder.ResidentModel#hardware} names it
 */
public record Reply<A>(A answer, String computeType, String hardware) implements Serializable {}
