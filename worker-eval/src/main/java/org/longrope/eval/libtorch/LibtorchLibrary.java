package org.longrope.eval.libtorch;

import java.io.File;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Optional;
import java.util.stream.Collectors;
import java.util.stream.Stream;
import org.jspecify.annotations.Nullable;
import org.longrope.eval.BadInputException;

/**
 * The libtorch that a process uses, before it is loaded. In this order: {@code
 * PYTORCH_LIBRARY_PATH}; the torch of {@code LONGROPE_PYTHON}; where there is an NVIDIA driver, the
 * torch of python3 if it has CUDA; the library on the class path, which is for CPUs.
 *
 * @param origin setting or command that chose it, such as PYTORCH_LIBRARY_PATH; {@link #CLASS_PATH}
 *     for the library on the class path
 * @param folder its folder; null for the library on the class path
 * @param version such as 2.7.1+cu126
 * @param flavour of DJL's JNI that it is loaded with: cpu or cu128
 * @param warnings reasons why it will not use a GPU, in sentences
 */
public record LibtorchLibrary(
    String origin, @Nullable Path folder, String version, String flavour, List<String> warnings) {
  public static final String CLASS_PATH = "class path";

  static final String LIBRARY_PATH = "PYTORCH_LIBRARY_PATH";
  static final String FLAVOUR = "PYTORCH_FLAVOR";
  static final String CPU = "cpu";

  /** The only CUDA flavour of DJL's JNI; it works with libtorch of any CUDA 12. */
  static final String CUDA = "cu128";

  private static final String VERSION = "PYTORCH_VERSION";
  private static final String PYTHON = "LONGROPE_PYTHON";
  private static final String DEFAULT_PYTHON = "python3";
  static final String VISIBLE = "CUDA_VISIBLE_DEVICES";

  public LibtorchLibrary {
    warnings = List.copyOf(warnings);
  }

  /** Tells whether it is loaded with CUDA. */
  public boolean usesCuda() {
    return flavour.startsWith("cu");
  }

  /** Returns version, flavour and place in one line. */
  public String text() {
    return folder == null
        ? version + " (" + flavour + ") of the class path"
        : version + " (" + flavour + ") at " + folder + " by " + origin;
  }

  /**
   * Chooses the library for this process.
   *
   * @throws BadInputException if a setting names a library that cannot be used
   */
  static LibtorchLibrary find(Host host) {
    String required = host.requiredVersion();
    requireVersionSetting(host.setting(VERSION), required);
    String path = host.setting(LIBRARY_PATH);
    if (path != null && !path.isBlank()) {
      return named(path, host);
    }
    String python = host.setting(PYTHON);
    if (python != null && !python.isBlank()) {
      PythonTorch torch = host.pythonTorch(python);
      if (torch.libraries() == null) {
        throw BadInputException.of(
            "%s is %s, which %s: expected a Python with torch %s (pip install torch==%s).",
            PYTHON, python, torch.problem(), required, required);
      }
      return at(new LibtorchFolder(torch.libraries()), PYTHON, host);
    }
    // An empty variable selects the library on the class path.
    boolean mayLook = python == null && path == null;
    return unnamed(mayLook, host);
  }

  private static LibtorchLibrary named(String path, Host host) {
    List<Path> entries = Arrays.stream(path.split(File.pathSeparator)).map(Path::of).toList();
    Optional<LibtorchFolder> folder = LibtorchFolder.firstOf(entries);
    if (folder.isEmpty()) {
      String lib =
          entries.stream()
              .map(entry -> entry.resolve("lib"))
              .filter(LibtorchFolder::holds)
              .findFirst()
              .map(below -> " Is it " + below + "?")
              .orElse("");
      throw BadInputException.of(
          "%s is %s, which has no %s: expected the lib folder of torch %s.%s",
          LIBRARY_PATH, path, System.mapLibraryName("torch"), host.requiredVersion(), lib);
    }
    return at(folder.get(), LIBRARY_PATH, host);
  }

  /**
   * Chooses where no setting names a library: python3's torch if it brings a GPU or the class path
   * has none.
   */
  private static LibtorchLibrary unnamed(boolean mayLook, Host host) {
    boolean bundled = host.hasBundledLibrary();
    boolean gpu = mayLook && host.hasDriver() && hidden(host.setting(VISIBLE)) == null;
    String required = host.requiredVersion();
    List<String> warnings = new ArrayList<>();
    if (mayLook && (gpu || !bundled)) {
      PythonTorch torch = host.pythonTorch(DEFAULT_PYTHON);
      String problem = torch.problem();
      if (torch.libraries() != null) {
        LibtorchFolder folder = new LibtorchFolder(torch.libraries());
        String version = folder.version().orElse("of an unknown version");
        if (!release(version).equals(required)) {
          problem = "has torch " + version;
        } else if (bundled && !(folder.hasCuda() && host.hasJni(CUDA))) {
          problem = "has torch " + version + ", which DJL cannot load with CUDA here";
        } else {
          return at(folder, DEFAULT_PYTHON, host);
        }
      }
      String remedy =
          String.format(
              "%s %s; for CUDA pip install torch==%s, or name a folder with libtorch %s in %s",
              DEFAULT_PYTHON, problem, required, required, LIBRARY_PATH);
      if (!bundled) {
        throw BadInputException.of(
            "The class path has no libtorch for %s, and %s.", host.platform(), remedy);
      }
      warnings.add(
          "this host has an NVIDIA driver, and libtorch on the class path is for CPUs: "
              + remedy
              + " ("
              + PYTHON
              + "= with no value keeps to the CPU).");
    } else if (!bundled) {
      throw BadInputException.of(
          "The class path has no libtorch for %s: expected a folder with libtorch %s in %s.",
          host.platform(), required, LIBRARY_PATH);
    }
    return new LibtorchLibrary(CLASS_PATH, null, required, CPU, warnings);
  }

  private static LibtorchLibrary at(LibtorchFolder folder, String origin, Host host) {
    String version = version(folder, origin, host);
    String chosen = host.setting(FLAVOUR);
    if (chosen != null && !chosen.isEmpty()) {
      requireFlavour(chosen, folder, host);
      return new LibtorchLibrary(origin, folder.path(), version, chosen, List.of());
    }
    List<String> warnings = new ArrayList<>();
    String flavour = CPU;
    if (folder.hasCuda()) {
      String built = "libtorch at " + folder.path() + " has CUDA and computes on the CPU: ";
      if (!host.hasDriver()) {
        warnings.add(
            built
                + "libcuda.so.1 cannot be loaded; expected an NVIDIA driver, in a container one"
                + " that its runtime brings in (docker run --gpus all).");
      } else if (!host.hasJni(CUDA)) {
        warnings.add(built + "DJL has no JNI with CUDA for " + host.platform() + ".");
      } else {
        flavour = CUDA;
      }
    }
    requireFlavour(flavour, folder, host);
    return new LibtorchLibrary(origin, folder.path(), version, flavour, warnings);
  }

  private static String version(LibtorchFolder folder, String origin, Host host) {
    String required = host.requiredVersion();
    String version = folder.version().orElse(host.setting(VERSION));
    if (version == null || version.isEmpty()) {
      throw BadInputException.of(
          "libtorch at %s (%s) does not state its version: expected torch/version.py or"
              + " build-version beside the folder, or %s=%s if that is what it is.",
          folder.path(), origin, VERSION, required);
    }
    if (!release(version).equals(required)) {
      throw BadInputException.of(
          "libtorch at %s (%s) is %s: expected %s, the only version that DJL's JNI works with (pip"
              + " install torch==%s).",
          folder.path(), origin, version, required, required);
    }
    return version;
  }

  private static void requireFlavour(String flavour, LibtorchFolder folder, Host host) {
    if (!host.hasJni(flavour)) {
      String there =
          Stream.of(CPU, CUDA)
              .filter(host::hasJni)
              .collect(
                  Collectors.collectingAndThen(
                      Collectors.joining(" or "), text -> text.isEmpty() ? "none" : text));
      throw BadInputException.of(
          "DJL's JNI has no flavour %s for %s: expected %s; leave %s unset.",
          flavour, host.platform(), there, FLAVOUR);
    }
    if (flavour.startsWith("cu") && !folder.hasCuda()) {
      throw BadInputException.of(
          "%s is %s and libtorch at %s has no CUDA: expected a CUDA build, or %s unset.",
          FLAVOUR, flavour, folder.path(), FLAVOUR);
    }
  }

  private static void requireVersionSetting(@Nullable String version, String required) {
    if (version != null && !version.isEmpty() && !release(version).equals(required)) {
      throw BadInputException.of(
          "%s is %s: expected %s, the only version that DJL's JNI works with, or no such variable.",
          VERSION, version, required);
    }
  }

  /** Returns the version without the suffix of its build, such as +cu126. */
  private static String release(String version) {
    return version.replaceFirst("\\+.*", "");
  }

  /**
   * Returns why CUDA_VISIBLE_DEVICES hides every GPU, or null if it does not.
   *
   * @param visible its value; null if it is not set
   */
  static @Nullable String hidden(@Nullable String visible) {
    if (visible == null) {
      return null;
    }
    String first = visible.strip();
    return first.isEmpty() || first.startsWith("-") || first.equals("NoDevFiles")
        ? VISIBLE + " is '" + visible + "' and hides every GPU"
        : null;
  }
}
