package org.longrope.eval.libtorch;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.nio.file.Path;
import java.util.List;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

class CudaGpusTest {
  private static final long GIB = 1L << 30;

  /** A runtime with GPUs of 80 GiB, of which GPU n has n GiB taken. */
  private static final class FakeRuntime implements CudaRuntime {
    private final int gpus;
    private final int error;
    private int current;

    FakeRuntime(int gpus, int error) {
      this.gpus = gpus;
      this.error = error;
    }

    @Override
    public int cudaGetDeviceCount(int[] count) {
      count[0] = gpus;
      return error;
    }

    @Override
    public int cudaGetDevice(int[] device) {
      device[0] = current;
      return 0;
    }

    @Override
    public int cudaSetDevice(int device) {
      current = device;
      return 0;
    }

    @Override
    public int cudaMemGetInfo(long[] free, long[] total) {
      free[0] = (80 - current) * GIB;
      total[0] = 80 * GIB;
      return 0;
    }

    @Override
    public String cudaGetErrorString(int error) {
      return error == 35
          ? "CUDA driver version is insufficient for CUDA runtime version"
          : "no CUDA-capable device is detected";
    }
  }

  private static LoadedLibtorch loaded(CudaRuntime runtime, String visible) {
    LibtorchLibrary library =
        new LibtorchLibrary(
            "PYTORCH_LIBRARY_PATH", Path.of("/t/torch/lib"), "2.7.1+cu126", "cu128", List.of());
    return LoadedLibtorch.of(library, runtime == null ? null : new CudaGpus(runtime), visible);
  }

  @Test
  void list_severalGpus_haveTheirMemory() {
    FakeRuntime runtime = new FakeRuntime(3, 0);
    runtime.current = 1;

    LoadedLibtorch libtorch = loaded(runtime, null);

    assertThat(libtorch.warnings()).isEmpty();
    assertThat(libtorch.gpus()).extracting(Gpu::index).containsExactly(0, 1, 2);
    assertThat(libtorch.gpus().get(2).text()).startsWith("GPU 2: ").endsWith(", 80 GiB");
    assertThat(libtorch.memory(2)).isEqualTo(new GpuMemory(78 * GIB, 80 * GIB));
    assertThat(libtorch.memory(2).used()).isEqualTo(2 * GIB);
    assertThat(runtime.current).isEqualTo(1);
  }

  @ParameterizedTest
  @CsvSource(
      nullValues = "-",
      quoteCharacter = '"',
      value = {
        "35, -, CUDA driver version is insufficient for CUDA runtime version",
        "100, -, no CUDA-capable device is detected",
        "100, \"\", CUDA_VISIBLE_DEVICES is '' and hides every GPU",
        "100, \"-1\", CUDA_VISIBLE_DEVICES is '-1' and hides every GPU",
        "0, -, CUDA counts 0"
      })
  void cudaBuildThatSeesNoGpu_warnsWithTheReason(int error, String visible, String reason) {
    LoadedLibtorch libtorch = loaded(new FakeRuntime(0, error), visible);

    assertThat(libtorch.gpus()).isEmpty();
    assertThat(libtorch.warnings())
        .singleElement()
        .asString()
        .contains("/t/torch/lib has CUDA and sees no GPU", reason);
    assertThatThrownBy(() -> libtorch.memory(0)).hasMessageContaining("no GPU 0");
  }

  @Test
  void cudaBuildWithoutItsRuntime_warnsWithTheReason() {
    assertThat(loaded(null, null).warnings()).singleElement().asString().contains("no libcudart");
  }

  @Test
  void runtimeIn_mapsOfAProcess_isTheFileThatLibtorchLoaded() {
    String line = "7f1 r-xp 00000000 fe:01 123    ";
    assertThat(
            CudaGpus.runtimeIn(
                line
                    + "/v/nvidia/cuda_cupti/lib/libcupti.so.12\n"
                    + line
                    + "/v/nvidia/cuda_runtime/lib/libcudart.so.12\n"
                    + line
                    + "[heap]\n"))
        .hasValue("/v/nvidia/cuda_runtime/lib/libcudart.so.12");
    assertThat(CudaGpus.runtimeIn(line + "/libtorch/lib/libcudart-9335f6a2.so.12\n"))
        .hasValue("/libtorch/lib/libcudart-9335f6a2.so.12");
    assertThat(CudaGpus.runtimeIn(line + "/lib/libc.so.6\n")).isEmpty();
  }
}
