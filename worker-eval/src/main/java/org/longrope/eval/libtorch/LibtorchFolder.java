package org.longrope.eval.libtorch;

import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Optional;
import java.util.regex.Matcher;
import java.util.regex.Pattern;

/**
 * A folder that holds libtorch: the lib folder of a wheel of torch, or of an unpacked libtorch zip.
 *
 * @param path that has libtorch.so
 */
record LibtorchFolder(Path path) {
  private static final String LIBRARY = System.mapLibraryName("torch");
  private static final String CUDA_LIBRARY = System.mapLibraryName("torch_cuda");

  private record VersionFile(String path, Pattern pattern) {}

  /** Files beside the folder that state the version: of a wheel, of a zip, of the C++ headers. */
  private static final List<VersionFile> VERSION_FILES =
      List.of(
          new VersionFile("version.py", Pattern.compile("(?m)^__version__\\s*=\\s*'([^']+)'")),
          new VersionFile("build-version", Pattern.compile("\\A\\s*(\\S+)\\s*\\z")),
          new VersionFile(
              "include/torch/csrc/api/include/torch/version.h",
              Pattern.compile("#define\\s+TORCH_VERSION\\s+(?:\\\\\\s+)?\"([^\"]+)\"")));

  /** Tells whether a folder has libtorch.so. */
  static boolean holds(Path folder) {
    return Files.isRegularFile(folder.resolve(LIBRARY));
  }

  /**
   * Returns the first folder of a path list that has libtorch; an entry may be the library itself.
   */
  static Optional<LibtorchFolder> firstOf(List<Path> entries) {
    for (Path entry : entries) {
      Path parent = entry.toAbsolutePath().getParent();
      if (entry.endsWith(LIBRARY) && Files.isRegularFile(entry) && parent != null) {
        return Optional.of(new LibtorchFolder(parent));
      }
      if (holds(entry)) {
        return Optional.of(new LibtorchFolder(entry.toAbsolutePath()));
      }
    }
    return Optional.empty();
  }

  /** Tells whether this libtorch is a CUDA build. */
  boolean hasCuda() {
    return Files.isRegularFile(path.resolve(CUDA_LIBRARY));
  }

  /** Returns the version, such as 2.7.1+cu126, if a file beside the folder states it. */
  Optional<String> version() {
    try {
      Optional<String> version = version(path);
      return version.isPresent() ? version : version(path.toRealPath());
    } catch (IOException e) {
      throw new UncheckedIOException("Cannot read the version of libtorch at " + path, e);
    }
  }

  private static Optional<String> version(Path folder) throws IOException {
    for (VersionFile stated : VERSION_FILES) {
      Path file = folder.resolveSibling(stated.path());
      if (Files.isRegularFile(file)) {
        // Latin-1 reads any bytes; the version is ASCII.
        Matcher matcher =
            stated.pattern().matcher(Files.readString(file, StandardCharsets.ISO_8859_1));
        if (matcher.find()) {
          return Optional.of(matcher.group(1));
        }
      }
    }
    return Optional.empty();
  }
}
