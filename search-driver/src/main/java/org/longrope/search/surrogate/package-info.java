/**
 * Screening of samples by a surrogate: a cheap model, learnt from earlier evaluations, chooses
 * which candidates are evaluated.
 *
 * <p>Begin reading at {@link org.longrope.search.surrogate.Screening}.
 */
@NullMarked
package org.longrope.search.surrogate;

import org.jspecify.annotations.NullMarked;
