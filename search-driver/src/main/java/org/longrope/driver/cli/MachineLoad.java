package org.longrope.driver.cli;

import java.lang.management.ManagementFactory;
import java.util.Locale;

/**
 * The machine's load, without which a measured time says little.
 *
 * @param average processes that ran or wanted to run, over the last minute; negative if unknown
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
