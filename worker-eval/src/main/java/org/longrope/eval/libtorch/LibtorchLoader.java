package org.longrope.eval.libtorch;

import ai.djl.engine.Engine;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import org.jspecify.annotations.Nullable;
import org.longrope.eval.BadInputException;

/** Loader of libtorch, the only one of a process. It sets everything that must be set before. */
public final class LibtorchLoader {
  private static final Pattern MISSING =
      Pattern.compile("(lib[^\\s:/]+\\.so[.\\d]*): cannot open shared object file");
  private static final int CAUSES = 20;

  private static @Nullable LoadedLibtorch loaded;
  private static @Nullable BadInputException rejected;

  private LibtorchLoader() {}

  /**
   * Loads libtorch at the first call and returns it.
   *
   * @throws BadInputException if the configured library cannot be used; every call throws it again
   */
  public static synchronized LoadedLibtorch load() {
    if (rejected != null) {
      throw new BadInputException(String.valueOf(rejected.getMessage()), rejected);
    }
    if (loaded == null) {
      try {
        loaded = load(ThisHost.INSTANCE);
      } catch (BadInputException e) {
        rejected = e;
        throw e;
      }
    }
    return loaded;
  }

  private static LoadedLibtorch load(Host host) {
    // Everything is on the class path or in a folder: DJL must not use the network.
    System.setProperty("ai.djl.offline", "true");
    LibtorchLibrary library = LibtorchLibrary.find(host);
    if (library.folder() != null) {
      System.setProperty(LibtorchLibrary.LIBRARY_PATH, library.folder().toString());
      System.setProperty(LibtorchLibrary.FLAVOUR, library.flavour());
    }
    NativeHeap.keepFreedMemory();
    OpenMpEnvironment.boundSpinning();
    ProcessExit.install();
    try {
      Engine.getEngine("PyTorch");
    } catch (RuntimeException | LinkageError e) {
      throw new BadInputException(sentence(library, host.requiredVersion(), e), e);
    }
    return LoadedLibtorch.of(
        library,
        library.usesCuda() ? CudaGpus.ofLoadedRuntime().orElse(null) : null,
        host.setting(LibtorchLibrary.VISIBLE));
  }

  /**
   * Describes why a library was not loaded.
   *
   * @param failure as DJL throws it
   */
  static String sentence(LibtorchLibrary library, String required, Throwable failure) {
    Throwable root = failure;
    for (int depth = 0; root.getCause() != null && depth < CAUSES; depth++) {
      root = root.getCause();
    }
    String message = String.valueOf(root.getMessage());
    String place =
        library.folder() == null
            ? "libtorch of the class path"
            : "libtorch at " + library.folder() + " (" + library.origin() + ")";
    Matcher missing = MISSING.matcher(message);
    if (missing.find()) {
      String remedy =
          missing.group(1).equals(CudaDriver.LIBRARY)
              ? "an NVIDIA driver, or PYTORCH_FLAVOR=cpu"
              : "it where pip install torch==" + required + " puts it, or in LD_LIBRARY_PATH";
      return String.format(
          "%s needs %s, which is not found: expected %s.", place, missing.group(1), remedy);
    }
    return String.format(
        "%s cannot be loaded (%s): expected torch %s for %s, as pip install torch==%s brings it.",
        place,
        message.lines().findFirst().orElse("").strip(),
        required,
        System.getProperty("os.name") + " on " + System.getProperty("os.arch"),
        required);
  }
}
