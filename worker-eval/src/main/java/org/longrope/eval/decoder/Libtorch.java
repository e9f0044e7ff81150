package org.longrope.eval.decoder;

import ai.djl.Device;
import ai.djl.engine.Engine;
import ai.djl.pytorch.jni.JniUtils;
import java.util.List;
import java.util.stream.IntStream;

/** The process's libtorch and its settings. */
public final class Libtorch {
  static {
    // What the process needs is on the class path, or named by PYTORCH_LIBRARY_PATH.
    System.setProperty("ai.djl.offline", "true");
    NativeHeap.keepFreedMemory();
    OpenMpEnvironment.boundSpinning();
    ProcessExit.install();
  }

  private Libtorch() {}

  /** Where evaluations run: the first GPU when libtorch sees one, else the CPU. */
  public static Device device() {
    return devices().get(0);
  }

  /** All GPUs that libtorch sees in this process, or else the CPU. */
  public static List<Device> devices() {
    int gpus = Engine.getEngine("PyTorch").getGpuCount();
    return gpus == 0
        ? List.of(Device.cpu())
        : IntStream.range(0, gpus).mapToObj(Device::gpu).toList();
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
   * depend on it in the last bits.
   */
  public static void useOperatorThreads(int threads) {
    if (!(threads >= 1)) {
      throw new IllegalArgumentException("Cannot compute on " + threads + " threads");
    }
    System.setProperty("ai.djl.pytorch.num_threads", Integer.toString(threads));
    Engine.getEngine("PyTorch");
    JniUtils.setNumThreads(threads);
  }
}
