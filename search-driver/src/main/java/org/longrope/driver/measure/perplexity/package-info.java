/**
 * Perplexity of given rescalings on given documents, without a search.
 *
 * <p>Begin reading at {@link org.longrope.driver.measure.perplexity.PerplexityTable}.
 */
@NullMarked
package org.longrope.driver.measure.perplexity;

import org.jspecify.annotations.NullMarked;
