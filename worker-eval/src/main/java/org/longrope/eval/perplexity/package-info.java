/** Perplexity of documents, exactly: Σ NLL in float64 by the truncated and the sliding protocol. */
@NullMarked
package org.longrope.eval.perplexity;

import org.jspecify.annotations.NullMarked;
