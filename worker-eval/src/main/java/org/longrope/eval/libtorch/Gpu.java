package org.longrope.eval.libtorch;

import java.util.Locale;

/**
 * A GPU that libtorch sees.
 *
 * @param index in libtorch, from 0
 * @param name such as NVIDIA H200
 * @param totalBytes of its memory
 */
public record Gpu(int index, String name, long totalBytes) {
  private static final double GIB = 1L << 30;

  /** Returns index, name and memory, such as "GPU 0: NVIDIA H200, 140 GiB". */
  public String text() {
    return String.format(Locale.ROOT, "GPU %d: %s, %.0f GiB", index, name, totalBytes / GIB);
  }
}
