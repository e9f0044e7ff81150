/** Measures the evaluator against what the machine can do. */
@NullMarked
package org.longrope.driver.lab.bench;

import org.jspecify.annotations.NullMarked;
