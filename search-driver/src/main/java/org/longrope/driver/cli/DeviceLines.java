package org.longrope.driver.cli;

import org.longrope.eval.decoder.Libtorch;
import org.longrope.eval.libtorch.LoadedLibtorch;

/** Lines on standard error that name the devices of a command. */
final class DeviceLines {
  private DeviceLines() {}

  /**
   * Loads libtorch and prints its devices, its folder if it is not on the class path, and the
   * reason why a GPU is not used.
   *
   * @param threads threads of one evaluation or training
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
