package org.longrope.eval.libtorch;

import java.util.HashMap;
import java.util.Map;
import java.util.Set;
import org.jspecify.annotations.Nullable;

/**
 * A host of a test's making: by default Linux on x86-64 without a driver, a setting or a Python.
 */
final class FakeHost implements Host {
  final Map<String, String> settings = new HashMap<>();
  final Map<String, PythonTorch> pythons = new HashMap<>();
  boolean driver;
  boolean bundled = true;
  Set<String> flavours = Set.of("cpu", "cu128");

  FakeHost set(String name, Object value) {
    settings.put(name, value.toString());
    return this;
  }

  FakeHost withDriver() {
    driver = true;
    return this;
  }

  @Override
  public @Nullable String setting(String name) {
    return settings.get(name);
  }

  @Override
  public boolean hasDriver() {
    return driver;
  }

  @Override
  public String requiredVersion() {
    return "2.7.1";
  }

  @Override
  public String platform() {
    return "linux-x86_64";
  }

  @Override
  public boolean hasBundledLibrary() {
    return bundled;
  }

  @Override
  public boolean hasJni(String flavour) {
    return flavours.contains(flavour);
  }

  @Override
  public PythonTorch pythonTorch(String command) {
    PythonTorch torch = pythons.get(command);
    if (torch == null) {
      throw new AssertionError("Unexpected call of " + command);
    }
    return torch;
  }
}
