package org.longrope.eval.decoder;

import ai.djl.pytorch.engine.PtNDArray;

/**
 * Rotation of one layer's queries and keys at positions 0 … n−1.
 *
 * @param cos [n, R/2] float32, R the rotated part of a head
 * @param sin [n, R/2] float32
 * @param queryScales factors on the cos and sin of queries, [H or 1, 1, R/2] float32; empty for
 *     none
 */
public record LayerRotation(PtNDArray cos, PtNDArray sin, PtNDArray queryScales) {}
