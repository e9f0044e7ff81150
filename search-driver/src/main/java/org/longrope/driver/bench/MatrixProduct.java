package org.longrope.driver.bench;

import ai.djl.Device;
import ai.djl.ndarray.NDArray;
import ai.djl.ndarray.NDManager;
import ai.djl.ndarray.types.DataType;
import ai.djl.ndarray.types.Shape;

/**
 * The rate of a large square matrix product in this process: what the evaluator is compared with.
 * Float32 on a CPU; float16 on a GPU, whose rate is that of bfloat16.
 */
final class MatrixProduct implements AutoCloseable {
  private static final int CPU_SIZE = 2048;
  private static final int GPU_SIZE = 8192;
  private static final double SECONDS = 1.5;

  private final NDManager manager;
  private final NDArray left;
  private final NDArray right;
  private final int size;

  MatrixProduct(Device device) {
    manager = NDManager.newBaseManager(device, "PyTorch");
    size = device.isGpu() ? GPU_SIZE : CPU_SIZE;
    DataType type = device.isGpu() ? DataType.FLOAT16 : DataType.FLOAT32;
    Shape shape = new Shape(size, size);
    left = manager.randomNormal(shape).toType(type, false);
    right = manager.randomNormal(shape).toType(type, false);
    flopPerSecond();
  }

  /** Measured for about two seconds. */
  double flopPerSecond() {
    long start = System.nanoTime();
    int products = 0;
    double seconds;
    do {
      try (NDManager local = manager.newSubManager()) {
        left.attach(local);
        NDArray product = left.matMul(right);
        left.attach(manager);
        // Reading an element waits for the device.
        product.toType(DataType.FLOAT32, false).getFloat(0, 0);
      }
      products++;
      seconds = (System.nanoTime() - start) * 1e-9;
    } while (seconds < SECONDS);
    return 2.0 * size * size * size * products / seconds;
  }

  @Override
  public void close() {
    manager.close();
  }
}
