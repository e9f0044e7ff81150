/** Rescaled rotary position embedding: the factors, the methods that give them, the angles. */
@NullMarked
package org.longrope.eval.rope;

import org.jspecify.annotations.NullMarked;
