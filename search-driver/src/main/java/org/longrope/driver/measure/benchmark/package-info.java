/** The short benchmarks by which an extended model is compared with its original. */
@NullMarked
package org.longrope.driver.measure.benchmark;

import org.jspecify.annotations.NullMarked;
