package org.longrope.eval.libtorch;

import com.sun.jna.Library;

/** The part of the NVIDIA driver's interface that reads a GPU's name. */
interface CudaDriver extends Library {
  String LIBRARY = "libcuda.so.1";

  int cuDeviceGet(int[] device, int ordinal);

  int cuDeviceGetName(byte[] name, int length, int device);
}
