/**
 * Search by the gradient of the perplexity: Adam moves every factor and the attention factor at
 * once, from a few starts. Begin reading at {@link org.longrope.search.gradient.GradientSearch}.
 */
@NullMarked
package org.longrope.search.gradient;

import org.jspecify.annotations.NullMarked;
