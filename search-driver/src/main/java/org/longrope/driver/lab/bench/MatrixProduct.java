package org.longrope.driver.lab.bench;

import ai.djl.Device;
import ai.djl.ndarray.NDArray;
import ai.djl.ndarray.NDManager;
import ai.djl.ndarray.types.DataType;
import ai.djl.ndarray.types.Shape;
import ai.djl.pytorch.engine.PtNDManager;
import ai.djl.pytorch.jni.IValue;
import org.longrope.eval.decoder.DecoderProgram;
import org.longrope.eval.decoder.Libtorch;
import org.longrope.eval.family.LlamaShape;

/**
 * Rate of a large square matrix product in this process, by the kernels of the decoder, as a
 * reference for the evaluator. Float32 on a CPU; float16 on a GPU, whose rate is that of bfloat16.
 */
final class MatrixProduct implements AutoCloseable {
  private static final int CPU_SIZE = 2048;
  private static final int GPU_SIZE = 8192;
  private static final double SECONDS = 1.5;

  private final PtNDManager manager;
  private final DecoderProgram program;
  private final NDArray noBias;
  private final NDArray left;
  private final NDArray right;
  private final int size;

  MatrixProduct(Device device) {
    manager = Libtorch.manager(device);
    program =
        DecoderProgram.load(manager, new LlamaShape(64, 64, 1, 1, 1, 100, true, 10_000, 64).spec());
    size = device.isGpu() ? GPU_SIZE : CPU_SIZE;
    DataType type = device.isGpu() ? DataType.FLOAT16 : DataType.FLOAT32;
    Shape shape = new Shape(size, size);
    left = manager.randomNormal(shape).toType(type, false);
    right = manager.randomNormal(shape).toType(type, false);
    noBias = manager.create(new Shape(0), type);
  }

  /**
   * Measures the rate for about two seconds.
   *
   * @param threads that share each product, inside libtorch
   */
  double flopPerSecond(int threads) {
    Libtorch.useOperatorThreads(threads);
    try {
      return flopPerSecond();
    } finally {
      Libtorch.useThreads(threads);
    }
  }

  private double flopPerSecond() {
    multiply();
    long start = System.nanoTime();
    int products = 0;
    double seconds;
    do {
      multiply();
      products++;
      seconds = (System.nanoTime() - start) * 1e-9;
    } while (seconds < SECONDS);
    return 2.0 * size * size * size * products / seconds;
  }

  private void multiply() {
    try (NDManager local = manager.newSubManager();
        IValue product = program.call("project", left, right, noBias)) {
      // Reading an element waits for the device.
      NDArray values = product.toTensor((PtNDManager) local);
      values.toType(DataType.FLOAT32, false).getFloat(0, 0);
    }
  }

  @Override
  public void close() {
    program.close();
    manager.close();
  }
}
