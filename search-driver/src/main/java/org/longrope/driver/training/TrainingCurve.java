package org.longrope.driver.training;

import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;
import java.util.List;
import java.util.Locale;
import org.longrope.eval.training.Trainer;

/** training.csv of a training's directory: step, loss, gradient norm, learning rate. */
public final class TrainingCurve {
  private static final String FILE = "training.csv";

  private final Path file;

  /** The curve of a training in that directory, begun or not. */
  public TrainingCurve(Path output) {
    file = output.resolve(FILE);
  }

  void append(Trainer.Step step) throws IOException {
    String row =
        String.format(
            Locale.ROOT,
            "%d,%.6f,%.4f,%.4g%n",
            step.step(),
            step.loss(),
            step.gradientNorm(),
            step.learningRate());
    Files.writeString(file, row, StandardOpenOption.CREATE, StandardOpenOption.APPEND);
  }

  /** Forgets steps after the saved state: they will be done again. */
  void trim(int step) throws IOException {
    if (Files.exists(file)) {
      List<String> rows = Files.readAllLines(file, StandardCharsets.UTF_8);
      Files.write(file, rows.subList(0, Math.min(rows.size(), step)));
    }
  }

  /** The steps so far, in their order; a last row that is being written is left out. */
  public List<Trainer.Step> steps() {
    if (!Files.exists(file)) {
      return List.of();
    }
    try {
      String text = Files.readString(file);
      return text.substring(0, text.lastIndexOf('\n') + 1)
          .lines()
          .map(TrainingCurve::step)
          .toList();
    } catch (IOException e) {
      throw new UncheckedIOException("Cannot read " + file, e);
    }
  }

  private static Trainer.Step step(String row) {
    String[] fields = row.split(",", -1);
    return new Trainer.Step(
        Integer.parseInt(fields[0]),
        Double.parseDouble(fields[1]),
        Double.parseDouble(fields[2]),
        Double.parseDouble(fields[3]));
  }
}
