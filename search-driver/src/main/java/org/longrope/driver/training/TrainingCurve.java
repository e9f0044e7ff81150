package org.longrope.driver.training;

import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;
import java.util.List;
import java.util.Locale;
import org.longrope.driver.store.files.StoredFile;
import org.longrope.eval.training.Trainer;

/** training.csv of a training's directory: step, loss, gradient norm, learning rate. */
public final class TrainingCurve {
  static final String FILE = "training.csv";

  private final StoredFile file;

  /** Opens the curve of a training, begun or not. */
  public TrainingCurve(StoredFile output) {
    file = output.resolve(FILE);
  }

  /** Appends to the curve of a local directory. */
  void append(Trainer.Step step) throws IOException {
    String row =
        String.format(
            Locale.ROOT,
            "%d,%.6f,%.4f,%.4g%n",
            step.step(),
            step.loss(),
            step.gradientNorm(),
            step.learningRate());
    Files.writeString(
        file.location().local(), row, StandardOpenOption.CREATE, StandardOpenOption.APPEND);
  }

  /** Removes steps after the saved state, which will be repeated. */
  void trim(int step) throws IOException {
    if (file.exists()) {
      Path local = file.location().local();
      List<String> rows = Files.readAllLines(local, StandardCharsets.UTF_8);
      Files.write(local, rows.subList(0, Math.min(rows.size(), step)));
    }
  }

  /** Returns the steps so far, in their order, without an incomplete last row. */
  public List<Trainer.Step> steps() {
    if (!file.exists()) {
      return List.of();
    }
    try {
      String text = file.readText();
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
