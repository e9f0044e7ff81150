/**
 * Checks of this host and of executors: can they compute, on what, and what must be changed. Begin
 * with {@link org.longrope.driver.doctor.HostCheck}.
 */
@NullMarked
package org.longrope.driver.doctor;

import org.jspecify.annotations.NullMarked;
