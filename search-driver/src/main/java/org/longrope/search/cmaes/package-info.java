/**
 * Strategy cmaes: an evolution strategy with covariance matrix adaptation over the logarithms of
 * the factors.
 *
 * <p>Begin reading at {@link org.longrope.search.cmaes.CmaEsSearch}; the settings are in {@link
 * org.longrope.search.cmaes.CmaEsSettings}.
 */
@NullMarked
package org.longrope.search.cmaes;

import org.jspecify.annotations.NullMarked;
