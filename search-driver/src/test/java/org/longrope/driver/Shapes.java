package org.longrope.driver;

import java.io.IOException;
import java.io.InputStream;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Objects;
import org.longrope.eval.StrictJson;
import org.longrope.eval.family.DecoderSpec;
import org.longrope.eval.family.DecoderSpecReader;
import org.longrope.eval.family.TensorNames;

/** Shapes of published models: the fields of their config.json that give sizes, without weights. */
public final class Shapes {
  private Shapes() {}

  /** Returns the config.json of a shape. */
  public static byte[] json(String name) {
    try (InputStream stream =
        Objects.requireNonNull(
            Shapes.class.getResourceAsStream("/shapes/" + name + ".json"), name)) {
      return stream.readAllBytes();
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
  }

  /** Returns the decoder of a shape. */
  public static DecoderSpec spec(String name) {
    return DecoderSpecReader.read(
        StrictJson.parseObject(json(name), name), name, TensorNames.UNKNOWN);
  }

  /** Writes a directory that holds a shape's config.json alone. */
  public static Path write(Path directory, String name) throws IOException {
    Files.createDirectories(directory);
    Files.write(directory.resolve("config.json"), json(name));
    return directory;
  }
}
