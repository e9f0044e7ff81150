/**
 * Results that are kept for good: the append-only log of a run.
 *
 * <p>Begin reading at {@link org.longrope.driver.store.KeptAnswers}.
 */
@NullMarked
package org.longrope.driver.store;

import org.jspecify.annotations.NullMarked;
