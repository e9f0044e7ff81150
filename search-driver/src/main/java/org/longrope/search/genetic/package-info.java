/**
 * Strategy genetic: the evolutionary search of arXiv 2402.13753 (Algorithm 1), by generations or
 * steady-state.
 *
 * <p>Begin reading at {@link org.longrope.search.genetic.GenerationalSearch}; the settings are in
 * {@link org.longrope.search.genetic.GeneticSettings}.
 */
@NullMarked
package org.longrope.search.genetic;

import org.jspecify.annotations.NullMarked;
