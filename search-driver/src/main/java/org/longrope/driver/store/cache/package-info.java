/**
 * The evaluation cache: results that runs share, known by all that their numbers depend on.
 *
 * <p>Begin reading at {@link org.longrope.driver.store.cache.EvaluationCache}.
 */
@NullMarked
package org.longrope.driver.store.cache;

import org.jspecify.annotations.NullMarked;
