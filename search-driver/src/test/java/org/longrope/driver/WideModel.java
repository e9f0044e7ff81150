package org.longrope.driver;

import java.io.IOException;
import java.nio.file.Path;
import java.util.List;
import org.longrope.driver.bench.RandomCheckpoint;
import org.longrope.eval.checkpoint.DType;
import org.longrope.eval.checkpoint.ModelConfig;
import org.longrope.eval.rope.RopeGeometry;

/**
 * A checkpoint with so many words that one call of libtorch scores a block of positions for about a
 * second, in hundreds of operations.
 */
public final class WideModel {
  public static final int VOCABULARY = 131_072;

  /** Tokens of some seconds. */
  public static final int LENGTH = 8192;

  private WideModel() {}

  public static Path write(Path directory) throws IOException {
    ModelConfig config =
        new ModelConfig(
            "llama",
            256,
            256,
            1,
            4,
            4,
            64,
            VOCABULARY,
            1e-5,
            true,
            false,
            false,
            false,
            new RopeGeometry(64, 10_000, LENGTH),
            List.of(0));
    RandomCheckpoint.write(directory, config, DType.F32);
    return directory;
  }
}
