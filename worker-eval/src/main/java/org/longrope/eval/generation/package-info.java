/**
 * Text generation by a resident model under factors that follow the length. Begin reading at {@link
 * org.longrope.eval.generation.GreedyGeneration}.
 */
@NullMarked
package org.longrope.eval.generation;

import org.jspecify.annotations.NullMarked;
