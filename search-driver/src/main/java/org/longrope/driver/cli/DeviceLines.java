package org.longrope.driver.cli;

import org.longrope.eval.decoder.Libtorch;
import org.longrope.eval.libtorch.LoadedLibtorch;

/** The lines on standard error that say what a command computes on. */
final class DeviceLines {
  private DeviceLines() {}

  /**
   * Loads libtorch and prints its devices, where it comes from if not from the class path, and why
   * a GPU is not used.
   *
   * @param threads of one evaluation, or of a training
   */
  static void print(int threads) {
    LoadedLibtorch libtorch = Libtorch.load();
    libtorch.warnings().forEach(Progress::warn);
    if (libtorch.library().folder() != null) {
      Progress.line("libtorch: %s", libtorch.library().text());
    }
    Progress.line("device: %s", Libtorch.describe(Libtorch.devices(), threads));
  }
}
