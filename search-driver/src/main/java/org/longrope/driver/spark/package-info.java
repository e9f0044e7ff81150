/** Spark sessions as every command opens them, and what crosses the wire. */
@NullMarked
package org.longrope.driver.spark;

import org.jspecify.annotations.NullMarked;
