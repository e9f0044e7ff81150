package org.longrope.eval.libtorch;

import org.jspecify.annotations.Nullable;

/** Facts of this host and class path that decide which libtorch is loaded. */
interface Host {
  /** Returns a setting: the environment variable, else the Java system property of that name. */
  @Nullable String setting(String name);

  /** Tells whether the NVIDIA driver's library, libcuda.so.1, can be loaded. */
  boolean hasDriver();

  /** Returns the version of libtorch that DJL's JNI on the class path is bound to. */
  String requiredVersion();

  /** Returns the platform as DJL names it, such as linux-x86_64. */
  String platform();

  /** Tells whether the class path has libtorch itself for this platform. */
  boolean hasBundledLibrary();

  /** Tells whether the class path has DJL's JNI of a flavour, such as cpu, for this platform. */
  boolean hasJni(String flavour);

  /**
   * Looks for torch in a Python.
   *
   * @param command of the interpreter
   */
  PythonTorch pythonTorch(String command);
}
