package org.longrope.eval.libtorch;

/**
 * Memory of a GPU in bytes.
 *
 * @param free not taken by any process
 * @param total of the GPU
 */
public record GpuMemory(long free, long total) {
  /** Returns what is taken, by whichever process. */
  public long used() {
    return total - free;
  }
}
