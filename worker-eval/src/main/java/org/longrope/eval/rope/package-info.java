/**
 * Rescaled rotary position embedding: rescale factors, the methods in closed form that give them,
 * factor tables. Begin reading at {@link org.longrope.eval.rope.Rescaling}.
 */
@NullMarked
package org.longrope.eval.rope;

import org.jspecify.annotations.NullMarked;
