package org.longrope.eval.libtorch;

import com.sun.jna.Library;

/** The part of the CUDA runtime's interface that counts GPUs and reads their memory. */
interface CudaRuntime extends Library {
  int cudaGetDeviceCount(int[] count);

  int cudaGetDevice(int[] device);

  int cudaSetDevice(int device);

  int cudaMemGetInfo(long[] free, long[] total);

  String cudaGetErrorString(int error);
}
