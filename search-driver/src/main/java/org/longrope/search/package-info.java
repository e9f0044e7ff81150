/**
 * The ask/tell interface of a search: candidates, the space that they come from, and the strategies
 * that propose them. Pure Java, without an engine or a cluster.
 *
 * <p>Begin reading at {@link org.longrope.search.SearchStrategy}.
 */
@NullMarked
package org.longrope.search;

import org.jspecify.annotations.NullMarked;
