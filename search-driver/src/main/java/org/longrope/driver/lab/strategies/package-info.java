/**
 * Strategy benchmark: search strategies compared by problems, seeds and held-out documents.
 *
 * <p>Begin reading at {@link org.longrope.driver.lab.strategies.StrategyBenchmark}.
 */
@NullMarked
package org.longrope.driver.lab.strategies;

import org.jspecify.annotations.NullMarked;
