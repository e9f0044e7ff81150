/**
 * Ask/tell interface of a search: candidates, their search space, outcomes, and the contract of
 * strategies. Pure Java, without an engine or a cluster; the strategies are in packages below.
 *
 * <p>Begin reading at {@link org.longrope.search.SearchStrategy}.
 */
@NullMarked
package org.longrope.search;

import org.jspecify.annotations.NullMarked;
