package org.longrope.eval.decoder;

/**
 * NLLs of a sequence's tokens with the derivatives of their sum by the rescaling.
 *
 * @param nll of each scored token, nats
 * @param byLogFactors derivative by log λ_i for i = 0 … d/2−1
 * @param byLogAttention derivative by the logarithm of the attention factor
 * @param byQueryScales derivative by ψ of each query scale of the rescaling, in their order
 */
@SuppressWarnings("ArrayRecordComponent") // results, never compared
public record SequenceGradient(
    float[] nll, double[] byLogFactors, double byLogAttention, double[] byQueryScales) {}
