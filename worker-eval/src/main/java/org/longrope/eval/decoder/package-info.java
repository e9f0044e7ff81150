/**
 * Forward pass of the decoder: a TorchScript program that Java writes and DJL runs, with the
 * weights as arguments. Begin reading at {@link org.longrope.eval.decoder.ResidentModel}; the
 * program is {@code decoder.ts} among the resources.
 */
@NullMarked
package org.longrope.eval.decoder;

import org.jspecify.annotations.NullMarked;
