package org.longrope.eval.libtorch;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;

/** Folders laid out as wheels of torch are, with empty files for libraries. */
final class TorchFolders {
  private TorchFolders() {}

  /**
   * Writes torch/version.py and torch/lib as a wheel has them.
   *
   * @return torch/lib
   */
  static Path wheel(Path directory, String version, boolean cuda) throws IOException {
    Path lib = libraries(directory.resolve("torch/lib"), cuda);
    Files.writeString(
        directory.resolve("torch/version.py"),
        "from typing import Optional\n\n__all__ = ['__version__', 'debug']\n__version__ = '"
            + version
            + "'\ndebug = False\n");
    return lib;
  }

  /** Writes a folder of libraries that does not state its version. */
  static Path libraries(Path lib, boolean cuda) throws IOException {
    Files.createDirectories(lib);
    Files.createFile(lib.resolve(System.mapLibraryName("torch")));
    if (cuda) {
      Files.createFile(lib.resolve(System.mapLibraryName("torch_cuda")));
    }
    return lib;
  }
}
