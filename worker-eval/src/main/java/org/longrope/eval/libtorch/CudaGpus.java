package org.longrope.eval.libtorch;

import com.sun.jna.Native;
import com.sun.jna.NativeLibrary;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Optional;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import java.util.stream.IntStream;

/**
 * GPUs of this process according to the CUDA runtime that libtorch has loaded. DJL loads a library
 * named libcudart.so instead, which wheels of torch do not have (theirs is libcudart.so.12), and
 * then counts no GPU.
 */
final class CudaGpus {
  private static final Path MAPS = Path.of("/proc/self/maps");
  private static final Pattern RUNTIME = Pattern.compile("(?m)(/.*/libcudart[^/\\n]*)$");
  private static final int LONGEST_NAME = 256;

  private final CudaRuntime runtime;

  CudaGpus(CudaRuntime runtime) {
    this.runtime = runtime;
  }

  /** Tells whether the NVIDIA driver's library can be loaded. */
  static boolean hasDriver() {
    try {
      NativeLibrary.getInstance(CudaDriver.LIBRARY);
      return true;
    } catch (UnsatisfiedLinkError e) {
      return false;
    }
  }

  /** Opens the runtime that is mapped into this process; empty if there is none. */
  static Optional<CudaGpus> ofLoadedRuntime() {
    try {
      // Latin-1 reads any file name.
      return runtimeIn(Files.readString(MAPS, StandardCharsets.ISO_8859_1))
          .map(file -> new CudaGpus(Native.load(file, CudaRuntime.class)));
    } catch (IOException | UnsatisfiedLinkError e) {
      return Optional.empty();
    }
  }

  /**
   * Returns the file of the CUDA runtime among mapped files.
   *
   * @param maps text of /proc/self/maps
   */
  static Optional<String> runtimeIn(String maps) {
    Matcher matcher = RUNTIME.matcher(maps);
    return matcher.find() ? Optional.of(matcher.group(1)) : Optional.empty();
  }

  /**
   * Lists the GPUs.
   *
   * @throws IllegalStateException with CUDA's reason if there is none
   */
  List<Gpu> list() {
    int[] count = new int[1];
    require(runtime.cudaGetDeviceCount(count));
    return IntStream.range(0, count[0])
        .mapToObj(index -> new Gpu(index, name(index), memory(index).total()))
        .toList();
  }

  /**
   * Returns a GPU's memory.
   *
   * @throws IllegalStateException with CUDA's reason if CUDA cannot read it
   */
  GpuMemory memory(int index) {
    int[] before = new int[1];
    long[] free = new long[1];
    long[] total = new long[1];
    require(runtime.cudaGetDevice(before));
    require(runtime.cudaSetDevice(index));
    try {
      require(runtime.cudaMemGetInfo(free, total));
    } finally {
      runtime.cudaSetDevice(before[0]);
    }
    return new GpuMemory(free[0], total[0]);
  }

  private void require(int error) {
    if (error != 0) {
      throw new IllegalStateException(runtime.cudaGetErrorString(error));
    }
  }

  /** Asks the driver, whose function for it has no structure that changes between versions. */
  private static String name(int index) {
    try {
      CudaDriver driver = Native.load(CudaDriver.LIBRARY, CudaDriver.class);
      int[] device = new int[1];
      byte[] name = new byte[LONGEST_NAME];
      if (driver.cuDeviceGet(device, index) == 0
          && driver.cuDeviceGetName(name, name.length, device[0]) == 0) {
        return Native.toString(name, StandardCharsets.UTF_8);
      }
    } catch (UnsatisfiedLinkError e) {
      // The name is unknown.
    }
    return "NVIDIA GPU";
  }
}
