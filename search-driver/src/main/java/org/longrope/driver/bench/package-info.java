/** Measures the evaluator against what the machine can do. */
@NullMarked
package org.longrope.driver.bench;

import org.jspecify.annotations.NullMarked;
