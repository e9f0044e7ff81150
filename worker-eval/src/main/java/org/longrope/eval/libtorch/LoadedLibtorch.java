package org.longrope.eval.libtorch;

import java.util.List;
import java.util.Optional;
import org.jspecify.annotations.Nullable;

/** libtorch as this process has loaded it. */
public final class LoadedLibtorch {
  private final LibtorchLibrary library;
  private final @Nullable CudaGpus cuda;
  private final List<Gpu> gpus;
  private final List<String> warnings;

  LoadedLibtorch(
      LibtorchLibrary library, @Nullable CudaGpus cuda, List<Gpu> gpus, List<String> warnings) {
    this.library = library;
    this.cuda = cuda;
    this.gpus = List.copyOf(gpus);
    this.warnings = List.copyOf(warnings);
  }

  /**
   * Lists the GPUs of a library that was just loaded.
   *
   * @param cuda the CUDA runtime that it brought; null if there is none
   * @param visible CUDA_VISIBLE_DEVICES; null if it is not set
   */
  static LoadedLibtorch of(
      LibtorchLibrary library, @Nullable CudaGpus cuda, @Nullable String visible) {
    if (!library.usesCuda()) {
      return new LoadedLibtorch(library, null, List.of(), library.warnings());
    }
    String reason;
    try {
      List<Gpu> gpus = cuda == null ? List.of() : cuda.list();
      if (!gpus.isEmpty()) {
        return new LoadedLibtorch(library, cuda, gpus, library.warnings());
      }
      reason = cuda == null ? "it has loaded no libcudart to ask" : "CUDA counts 0";
    } catch (IllegalStateException e) {
      reason = "CUDA says: " + e.getMessage();
    }
    String hidden = LibtorchLibrary.hidden(visible);
    String sentence =
        "libtorch at "
            + library.folder()
            + " has CUDA and sees no GPU: "
            + (hidden == null ? reason : hidden)
            + "; nvidia-smi shows what the driver sees.";
    return new LoadedLibtorch(library, null, List.of(), List.of(sentence));
  }

  /** Returns where it comes from. */
  public LibtorchLibrary library() {
    return library;
  }

  /** Returns the GPUs that it sees, by index. */
  public List<Gpu> gpus() {
    return gpus;
  }

  /** Returns why it does not use GPUs that might be there, in sentences. */
  public List<String> warnings() {
    return warnings;
  }

  /**
   * Returns a GPU's memory now.
   *
   * @param index of one of {@link #gpus}
   */
  public GpuMemory memory(int index) {
    return Optional.ofNullable(cuda)
        .orElseThrow(() -> new IllegalArgumentException("There is no GPU " + index))
        .memory(index);
  }
}
