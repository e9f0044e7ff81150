/**
 * The search for rescale factors (LongRoPE, arXiv 2402.13753, section 3.2): the space, the
 * operators and the strategy. It asks for scores and is told them; how they are computed is not
 * known here.
 */
@NullMarked
package org.longrope.search;

import org.jspecify.annotations.NullMarked;
