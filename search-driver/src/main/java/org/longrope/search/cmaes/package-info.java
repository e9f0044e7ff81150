/**
 * The fast search: covariance matrix adaptation over the logarithms of the factors.
 *
 * <p>Begin reading at {@link org.longrope.search.cmaes.CmaEsSearch}.
 */
@NullMarked
package org.longrope.search.cmaes;

import org.jspecify.annotations.NullMarked;
