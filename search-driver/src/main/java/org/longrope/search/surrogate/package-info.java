/**
 * Screening of proposals by a model of what was scored before.
 *
 * <p>Begin reading at {@link org.longrope.search.surrogate.Screening}.
 */
@NullMarked
package org.longrope.search.surrogate;

import org.jspecify.annotations.NullMarked;
