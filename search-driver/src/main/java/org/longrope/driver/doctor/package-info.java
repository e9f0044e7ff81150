/**
 * Checks of this host and of a cluster's executors: their devices, their libtorch and what must be
 * changed before they can evaluate.
 *
 * <p>Begin reading at {@link org.longrope.driver.doctor.HostCheck}.
 */
@NullMarked
package org.longrope.driver.doctor;

import org.jspecify.annotations.NullMarked;
