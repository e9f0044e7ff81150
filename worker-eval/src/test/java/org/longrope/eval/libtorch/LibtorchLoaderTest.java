package org.longrope.eval.libtorch;

import static org.assertj.core.api.Assertions.assertThat;

import ai.djl.engine.EngineException;
import java.nio.file.Path;
import java.util.List;
import org.junit.jupiter.api.Test;

class LibtorchLoaderTest {
  private static final LibtorchLibrary LIBRARY =
      new LibtorchLibrary("python3", Path.of("/t/torch/lib"), "2.7.1", "cu128", List.of());

  private static String sentence(Throwable cause) {
    return LibtorchLoader.sentence(LIBRARY, "2.7.1", new EngineException("Failed", cause));
  }

  @Test
  void sentence_missingLibrary_namesIt() {
    assertThat(
            sentence(
                new UnsatisfiedLinkError(
                    "/t/torch/lib/libtorch_cuda.so: libcudnn.so.9: cannot open shared object file:"
                        + " No such file or directory")))
        .contains("/t/torch/lib (python3) needs libcudnn.so.9, which is not found")
        .contains("pip install torch==2.7.1", "LD_LIBRARY_PATH")
        .doesNotContain("\n");
  }

  @Test
  void sentence_missingDriver_namesItsRemedy() {
    assertThat(
            sentence(new UnsatisfiedLinkError("x: libcuda.so.1: cannot open shared object file")))
        .contains("needs libcuda.so.1, which is not found: expected an NVIDIA driver");
  }

  @Test
  void sentence_anotherFailure_quotesItsFirstLine() {
    assertThat(sentence(new UnsatisfiedLinkError("/x.so: undefined symbol: _ZN5torch\nmore")))
        .contains("/t/torch/lib (python3) cannot be loaded (/x.so: undefined symbol: _ZN5torch)")
        .contains("expected torch 2.7.1");
  }

  @Test
  void load_libraryOnTheClassPath_isReturnedEveryTime() {
    assertThat(LibtorchLoader.load()).isSameAs(LibtorchLoader.load());
    assertThat(LibtorchLoader.load().library().version()).startsWith("2.7.1");
  }
}
