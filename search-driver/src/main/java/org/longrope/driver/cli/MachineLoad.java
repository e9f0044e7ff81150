package org.longrope.driver.cli;

import java.lang.management.ManagementFactory;
import java.util.Locale;

/**
 * Load of the machine, printed with measured times.
 *
 * @param average runnable processes, averaged over a minute; negative if unknown
 */
record MachineLoad(double average, int cores) {
  static MachineLoad now() {
    return new MachineLoad(
        ManagementFactory.getOperatingSystemMXBean().getSystemLoadAverage(),
        Runtime.getRuntime().availableProcessors());
  }

  @Override
  public String toString() {
    return average < 0
        ? "at an unknown load of " + cores + " cores"
        : String.format(Locale.ROOT, "at a load of %.1f on %d cores", average, cores);
  }
}
