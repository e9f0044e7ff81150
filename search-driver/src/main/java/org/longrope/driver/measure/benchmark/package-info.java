/**
 * Short benchmarks by which an extended model is compared with its original.
 *
 * <p>Begin reading at {@link org.longrope.driver.measure.benchmark.Benchmark}.
 */
@NullMarked
package org.longrope.driver.measure.benchmark;

import org.jspecify.annotations.NullMarked;
