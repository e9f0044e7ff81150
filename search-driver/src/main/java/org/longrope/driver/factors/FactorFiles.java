package org.longrope.driver.factors;

import com.fasterxml.jackson.databind.JsonNode;
import java.io.FileNotFoundException;
import java.io.IOException;
import java.nio.charset.CharacterCodingException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.function.Consumer;
import java.util.stream.Collectors;
import org.jspecify.annotations.Nullable;
import org.longrope.driver.store.files.StoredFile;
import org.longrope.eval.BadInputException;
import org.longrope.eval.rope.RescaleFactors;

/**
 * Reads and writes factor files. Three forms are told apart by their content, not by name:
 *
 * <ul>
 *   <li>our factors.json: a Hugging Face {@code rope_scaling} object of type longrope, with what
 *       that has no field for (start tokens, provenance) under {@code longrope}
 *   <li>a Hugging Face config.json with {@code rope_scaling} (transformers 4) or {@code
 *       rope_parameters} (5) of type longrope or su, in our own exports with all sets of a table
 *   <li>one CSV row of λ, as github.com/microsoft/LongRoPE publishes them
 * </ul>
 *
 * Foreign factors may break monotonicity (published Mistral rows do, by about 0.01): that is a
 * warning, every other damage a {@link BadInputException}.
 */
public final class FactorFiles {
  private static final String EXPECTED =
      "expected a factors.json, a Hugging Face config.json with longrope scaling, or one CSV row of"
          + " positive numbers";

  private FactorFiles() {}

  /**
   * Reads the one set of a local file, or the longest of a table's.
   *
   * @param warnings told in one sentence what is odd but usable
   * @throws BadInputException if the file can't be read or is damaged
   */
  public static FactorSet read(Path file, Consumer<String> warnings) {
    return readSets(file, warnings).longest();
  }

  /**
   * Reads all sets of a local file: several where a table was exported into a config.json.
   *
   * @param warnings told in one sentence what is odd but usable
   * @throws BadInputException if the file can't be read or is damaged
   */
  public static FactorSets readSets(Path file, Consumer<String> warnings) {
    return readSets(StoredFile.of(file), warnings);
  }

  /**
   * Reads the one set of a file on any file system, or the longest of a table's.
   *
   * @param warnings told in one sentence what is odd but usable
   * @throws BadInputException if the file can't be read or is damaged
   */
  public static FactorSet read(StoredFile file, Consumer<String> warnings) {
    return readSets(file, warnings).longest();
  }

  /**
   * Reads all sets of a file on any file system: several where a table was exported into a
   * config.json.
   *
   * @param warnings told in one sentence what is odd but usable
   * @throws BadInputException if the file can't be read or is damaged
   */
  public static FactorSets readSets(StoredFile file, Consumer<String> warnings) {
    if (file.isDirectory()) {
      throw BadInputException.of(
          "Cannot read factors from %s: it is a directory; name the file in it, such as %s.",
          file, file.resolve("config.json"));
    }
    return parseSets(file.toString(), text(file, "factors"), warnings);
  }

  /**
   * Reads the content of a factor file.
   *
   * @param name the file's name, for messages
   * @throws BadInputException if the content is damaged
   */
  public static FactorSet parse(String name, String text, Consumer<String> warnings) {
    return parseSets(name, text, warnings).longest();
  }

  private static FactorSets parseSets(String name, String text, Consumer<String> warnings) {
    String content = (text.startsWith("\uFEFF") ? text.substring(1) : text).strip();
    if (content.isEmpty()) {
      throw damaged(name, "it is empty; " + EXPECTED);
    }
    FactorSets sets =
        content.startsWith("{")
            ? parseJson(name, content)
            : FactorSets.of(name, parseCsv(name, content));
    sets.sets().forEach(named -> warnIfNotMonotone(named.name(), named.set().factors(), warnings));
    return sets;
  }

  /** The factors.json of a set; values that are absent are left out. Ends with a newline. */
  public static String toJson(FactorSet set) {
    return FactorJson.print(FactorJson.ropeScaling(set));
  }

  /** Writes factors.json to a local file, whole or not at all. */
  public static void write(Path file, FactorSet set) {
    WholeFile.write(file, toJson(set).getBytes(StandardCharsets.UTF_8));
  }

  /** One row of λ, as the published files have it, with a newline. */
  public static String toCsv(RescaleFactors factors) {
    return factors.toList().stream().map(FactorFiles::shortest).collect(Collectors.joining(","))
        + "\n";
  }

  /** Reads the text of a file. */
  static String text(StoredFile file, String what) {
    try {
      return file.readText();
    } catch (FileNotFoundException e) {
      throw new BadInputException(
          "Cannot read " + what + " from " + file + ": no such file; check the path.", e);
    } catch (CharacterCodingException e) {
      throw new BadInputException(
          "Cannot read " + what + " from " + file + ": it is not UTF-8 text; " + EXPECTED + ".", e);
    } catch (IOException e) {
      throw new BadInputException("Cannot read " + what + " from " + file + ": " + e, e);
    }
  }

  static BadInputException damaged(String name, String why) {
    return damaged(name, why, null);
  }

  static BadInputException damaged(String name, String why, @Nullable Throwable cause) {
    String message = "Cannot read factors from " + name + ": " + why + ".";
    return cause == null ? new BadInputException(message) : new BadInputException(message, cause);
  }

  private static FactorSets parseJson(String name, String content) {
    JsonNode root;
    try {
      root = FactorJson.parse(content);
    } catch (IOException e) {
      String[] lines = String.valueOf(e.getMessage()).split("\n", 2);
      throw damaged(name, "it starts like JSON but is not (" + lines[0] + "); " + EXPECTED, e);
    }
    return FactorJson.readSets(name, root);
  }

  private static FactorSet parseCsv(String name, String content) {
    List<String> rows = new ArrayList<>();
    for (String line : content.split("\\R", -1)) {
      if (!line.isBlank()) {
        rows.add(line);
      }
    }
    // The kind of file is judged by its first row: prose on many lines is no CSV with many rows.
    String[] cells = rows.get(0).split(",", -1);
    double[] lambda = new double[cells.length];
    for (int i = 0; i < cells.length; i++) {
      lambda[i] = number(name, i, cells[i].strip());
    }
    if (rows.size() > 1) {
      throw damaged(
          name,
          "it has "
              + rows.size()
              + " rows, the second beginning '"
              + excerpt(rows.get(1).strip())
              + "'; expected one row of factors, shared by all layers");
    }
    return FactorSet.of(RescaleFactors.of(lambda));
  }

  private static double number(String name, int index, String cell) {
    double value;
    try {
      value = Double.parseDouble(cell);
    } catch (NumberFormatException e) {
      throw damaged(
          name, "value " + (index + 1) + " ('" + excerpt(cell) + "') is no number; " + EXPECTED, e);
    }
    if (!(value > 0 && value < Double.POSITIVE_INFINITY)) {
      throw damaged(
          name, "value " + (index + 1) + " is " + cell + "; expected a positive, finite number");
    }
    return value;
  }

  private static void warnIfNotMonotone(
      String name, RescaleFactors factors, Consumer<String> warnings) {
    List<Integer> drops = new ArrayList<>();
    for (int i = 1; i < factors.pairs(); i++) {
      if (factors.get(i) < factors.get(i - 1)) {
        drops.add(i);
      }
    }
    if (!drops.isEmpty()) {
      int first = drops.get(0);
      warnings.accept(
          String.format(
              "Factors in %s are not monotone at pair %s (%s after %s at pair %d); they are used"
                  + " as they are.",
              name,
              drops.stream().map(String::valueOf).collect(Collectors.joining(", ")),
              factors.get(first),
              factors.get(first - 1),
              first));
    }
  }

  private static String shortest(double value) {
    return value == Math.rint(value) && value < 1e15
        ? Long.toString((long) value)
        : Double.toString(value);
  }

  private static String excerpt(String text) {
    return text.length() <= 24 ? text : text.substring(0, 24) + "…";
  }
}
