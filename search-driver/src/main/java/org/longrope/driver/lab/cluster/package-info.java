/** A real Spark standalone cluster on this machine's loopback, for development and tests. */
@NullMarked
package org.longrope.driver.lab.cluster;

import org.jspecify.annotations.NullMarked;
