/** What a running search tells Spark's metrics system. */
@NullMarked
package org.longrope.driver.metrics;

import org.jspecify.annotations.NullMarked;
