/**
 * Spark standalone cluster on this machine's loopback, for development and tests.
 *
 * <p>Begin reading at {@link org.longrope.driver.lab.cluster.DevelopmentCluster}.
 */
@NullMarked
package org.longrope.driver.lab.cluster;

import org.jspecify.annotations.NullMarked;
