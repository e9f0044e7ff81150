/**
 * Benchmarks of the product itself: evaluator speed and memory, fault tolerance, slot utilisation.
 *
 * <p>Begin reading at {@link org.longrope.driver.lab.bench.EvaluatorBench}.
 */
@NullMarked
package org.longrope.driver.lab.bench;

import org.jspecify.annotations.NullMarked;
