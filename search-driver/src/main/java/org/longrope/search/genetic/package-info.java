/**
 * The evolutionary search of the paper (arXiv 2402.13753, Algorithm 1), by generations or
 * steady-state.
 *
 * <p>Begin reading at {@link org.longrope.search.genetic.GeneticConfig}.
 */
@NullMarked
package org.longrope.search.genetic;

import org.jspecify.annotations.NullMarked;
