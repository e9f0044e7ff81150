/** Perplexity of documents, exactly: Σ NLL in float64 of the tokens that a protocol scores. */
@NullMarked
package org.longrope.eval.perplexity;

import org.jspecify.annotations.NullMarked;
