package org.longrope.eval.decoder;

import ai.djl.Device;
import ai.djl.ndarray.NDManager;
import ai.djl.pytorch.engine.PtNDManager;
import ai.djl.pytorch.jni.JniUtils;
import java.util.List;
import java.util.stream.Collectors;
import org.longrope.eval.BadInputException;
import org.longrope.eval.libtorch.Gpu;
import org.longrope.eval.libtorch.GpuMemory;
import org.longrope.eval.libtorch.LibtorchLoader;
import org.longrope.eval.libtorch.LoadedLibtorch;

/**
 * Libtorch of the process and its settings. Every use of libtorch begins here: each method loads it
 * first, and throws a {@link BadInputException} if the configured library cannot be used.
 */
public final class Libtorch {
  private Libtorch() {}

  /** Loads libtorch unless it is loaded, and returns where it comes from. */
  public static LoadedLibtorch load() {
    return LibtorchLoader.load();
  }

  /** Returns the device of evaluations: the first GPU if libtorch sees one, else the CPU. */
  public static Device device() {
    return devices().get(0);
  }

  /** Returns all GPUs that libtorch sees in this process, or else the CPU. */
  public static List<Device> devices() {
    List<Gpu> gpus = load().gpus();
    return gpus.isEmpty()
        ? List.of(Device.cpu())
        : gpus.stream().map(gpu -> Device.gpu(gpu.index())).toList();
  }

  /**
   * Describes devices, such as "CPU, 2 threads, AVX2" or "GPU 0: NVIDIA H200, 140 GiB".
   *
   * @param devices of this process
   * @param threads that share the work on a CPU
   */
  public static String describe(List<Device> devices, int threads) {
    if (!devices.get(0).isGpu()) {
      String unit = threads == 1 ? "thread" : "threads";
      return String.format("CPU, %d %s, %s", threads, unit, InstructionSet.detect().name());
    }
    List<Gpu> gpus = load().gpus();
    return devices.stream()
        .map(device -> gpus.get(device.getDeviceId()).text())
        .collect(Collectors.joining("; "));
  }

  /** Returns the memory of a GPU now. */
  public static GpuMemory memory(Device gpu) {
    return load().memory(gpu.getDeviceId());
  }

  /** Opens a manager of tensors on a device; the caller closes it. */
  public static PtNDManager manager(Device device) {
    load();
    return (PtNDManager) NDManager.newBaseManager(device, "PyTorch");
  }

  /**
   * Sets how many threads one forward pass on a CPU may use, at least 1. An executor that runs n
   * tasks at once gives each cores/n. The threads share parts of the pass, see {@link
   * EvaluationThreads}, and each computes with libtorch on one thread.
   */
  public static void useThreads(int threads) {
    useOperatorThreads(1);
    EvaluationThreads.use(threads);
  }

  /**
   * Sets how many threads one operation of libtorch may use, at least 1, as training does. Sums
   * depend on it in the last bits. An evaluation on the CPU sets it back to 1.
   */
  public static void useOperatorThreads(int threads) {
    if (!(threads >= 1)) {
      throw new IllegalArgumentException("Cannot compute on " + threads + " threads");
    }
    System.setProperty("ai.djl.pytorch.num_threads", Integer.toString(threads));
    load();
    JniUtils.setNumThreads(threads);
  }
}
