package org.longrope.eval.checkpoint;

import java.nio.file.Path;
import java.util.function.BiFunction;

/** Every kind of tiny checkpoint, for tests that go through all of them. */
public enum Architecture {
  LLAMA(TinyCheckpoints::llama),
  LLAMA_SHARDED(TinyCheckpoints::llamaSharded),
  LLAMA_BIASES(TinyCheckpoints::llamaWithBiases),
  MISTRAL(TinyCheckpoints::mistral),
  QWEN2(TinyCheckpoints::qwen2),
  PHI3(TinyCheckpoints::phi3);

  private final BiFunction<Path, Long, Path> writer;

  Architecture(BiFunction<Path, Long, Path> writer) {
    this.writer = writer;
  }

  /** Writes one into the directory and opens it. */
  public Checkpoint open(Path directory, long seed) {
    return Checkpoint.open(writer.apply(directory, seed));
  }
}
