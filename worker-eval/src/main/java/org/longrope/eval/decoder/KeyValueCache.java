package org.longrope.eval.decoder;

import ai.djl.pytorch.engine.PtNDArray;

/**
 * Keys and values of one layer.
 *
 * @param keys rotated, [1, G, T, h]
 * @param values [1, G, T, h]
 */
record KeyValueCache(PtNDArray keys, PtNDArray values) {}
