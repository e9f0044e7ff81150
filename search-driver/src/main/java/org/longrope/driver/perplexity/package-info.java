/** Perplexity of given rescalings on given documents, without a search. */
@NullMarked
package org.longrope.driver.perplexity;

import org.jspecify.annotations.NullMarked;
