package org.longrope.eval.libtorch;

import ai.djl.util.Platform;
import java.io.IOException;
import java.io.InputStream;
import java.io.UncheckedIOException;
import java.util.Properties;
import org.jspecify.annotations.Nullable;

/** The host that this process runs on. */
enum ThisHost implements Host {
  INSTANCE;

  private static final String JNI = "/jnilib/";
  private static final String JNI_PROPERTIES = JNI + "pytorch.properties";

  @Override
  public @Nullable String setting(String name) {
    // In the order in which DJL looks.
    String variable = System.getenv(name);
    return variable != null ? variable : System.getProperty(name);
  }

  @Override
  public boolean hasDriver() {
    return CudaGpus.hasDriver();
  }

  @Override
  public String requiredVersion() {
    Properties properties = new Properties();
    try (InputStream stream = Platform.class.getResourceAsStream(JNI_PROPERTIES)) {
      if (stream == null) {
        throw new IllegalStateException(
            "The class path has no ai.djl.pytorch:pytorch-jni: expected its jar");
      }
      properties.load(stream);
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
    // Such as 2.7.1-0.35.1: of libtorch, then of DJL.
    return properties.getProperty("jni_version", "").replaceFirst("-.*", "");
  }

  @Override
  public String platform() {
    return Platform.fromSystem("pytorch").getClassifier();
  }

  @Override
  public boolean hasBundledLibrary() {
    return !Platform.detectPlatform("pytorch").isPlaceholder();
  }

  @Override
  public boolean hasJni(String flavour) {
    String resource = JNI + platform() + "/" + flavour + "/" + System.mapLibraryName("djl_torch");
    return Platform.class.getResource(resource) != null;
  }

  @Override
  public PythonTorch pythonTorch(String command) {
    return PythonTorch.find(command);
  }
}
