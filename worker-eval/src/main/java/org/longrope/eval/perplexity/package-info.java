/**
 * Perplexity of documents: Σ NLL in float64 of the tokens that a protocol scores. Begin reading at
 * {@link org.longrope.eval.perplexity.Evaluator}.
 */
@NullMarked
package org.longrope.eval.perplexity;

import org.jspecify.annotations.NullMarked;
