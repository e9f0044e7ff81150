package org.longrope.driver.factors;

import java.io.FileNotFoundException;
import java.io.IOException;
import java.nio.charset.CharacterCodingException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.List;
import java.util.function.Consumer;
import java.util.function.Function;
import java.util.stream.Collectors;
import org.jspecify.annotations.Nullable;
import org.longrope.driver.store.files.StoredFile;
import org.longrope.eval.BadInputException;
import org.longrope.eval.rope.QueryScales;
import org.longrope.eval.rope.RescaleFactors;
import org.longrope.eval.rope.RopeGeometry;

/**
 * Factors as a file holds them: one set for all lengths, or several, each for texts of up to its
 * own target length and the last also for longer ones (arXiv 2402.13753, section 3.3). {@link
 * RescalingRequest} resolves them against a model.
 *
 * <p>Three formats are told apart by their content, not by name:
 *
 * <ul>
 *   <li>factors.json: a Hugging Face {@code rope_scaling} object of type longrope, with fields that
 *       Hugging Face does not have (start tokens, provenance) under {@code longrope}
 *   <li>a Hugging Face config.json whose {@code rope_scaling} (transformers 4) or {@code
 *       rope_parameters} (5) is one vector of factors: longrope, yarn, llama3 or linear; in our own
 *       exports with all sets of a table
 *   <li>one CSV row of λ, as github.com/microsoft/LongRoPE publishes them
 * </ul>
 *
 * <p>Foreign factors may break monotonicity (published Mistral rows do, by about 0.01): that is a
 * warning, every other damage a {@link BadInputException}.
 *
 * @param sets one; or several by ascending target length
 */
public record FactorFile(List<Named> sets) {
  static final String EXPECTED =
      "expected a factors.json, a Hugging Face config.json with longrope, yarn, llama3 or linear"
          + " scaling, or one CSV row of positive numbers";

  /**
   * Set with the name of its file.
   *
   * @param name for messages and results
   * @param total whether the factors divide b^(−2i/d), as those of a config.json, and not the
   *     frequencies of the model that they are given to
   */
  public record Named(String name, FactorSet set, boolean total) {
    /** Names a set of factors that divide a model's own frequencies. */
    public Named(String name, FactorSet set) {
      this(name, set, false);
    }

    /** Returns the set as it is over a model's own frequencies. */
    FactorSet relativeTo(RopeGeometry rope) {
      return total ? set.relativeTo(rope) : set;
    }

    /**
     * Returns the number of tokens up to which the set holds.
     *
     * @throws BadInputException if the file does not have it
     */
    int targetLength() {
      Integer length = set.targetLength();
      if (length == null) {
        throw BadInputException.of(
            "%s does not say which length its factors are for, and several --factors are chosen"
                + " from by that length: expected 'factor' and 'original_max_position_embeddings'"
                + " in it, as a factors.json has them, or this file alone.",
            name);
      }
      return length;
    }
  }

  /**
   * Checks the factors.
   *
   * @throws BadInputException if one of several has no target length, or two have the same
   */
  public FactorFile {
    sets = List.copyOf(sets);
    if (sets.size() > 1) {
      sets = sets.stream().sorted(Comparator.comparingInt(Named::targetLength)).toList();
      for (int i = 1; i < sets.size(); i++) {
        int length = sets.get(i).targetLength();
        if (length == sets.get(i - 1).targetLength()) {
          throw BadInputException.of(
              "%s and %s are both for %d tokens: expected --factors of different target lengths;"
                  + " leave one of them out.",
              sets.get(i - 1).name(), sets.get(i).name(), length);
        }
      }
    }
  }

  /** Returns one set for all lengths. */
  public static FactorFile of(String name, FactorSet set) {
    return new FactorFile(List.of(new Named(name, set)));
  }

  /** Joins the sets of several files. */
  public static FactorFile join(List<FactorFile> files) {
    return new FactorFile(files.stream().flatMap(file -> file.sets().stream()).toList());
  }

  /**
   * Reads a local file.
   *
   * @param warnings receives a sentence for each oddity that does not prevent use
   * @throws BadInputException if the file can't be read or is damaged
   */
  public static FactorFile read(Path file, Consumer<String> warnings) {
    return read(StoredFile.of(file), warnings);
  }

  /**
   * Reads a file on any file system.
   *
   * @param warnings receives a sentence for each oddity that does not prevent use
   * @throws BadInputException if the file can't be read or is damaged
   */
  public static FactorFile read(StoredFile file, Consumer<String> warnings) {
    if (file.isDirectory()) {
      throw BadInputException.of(
          "Cannot read factors from %s: it is a directory; name the file in it, such as %s.",
          file, file.resolve("config.json"));
    }
    return parse(file.toString(), text(file, "factors"), warnings);
  }

  /**
   * Reads the content of a factor file.
   *
   * @param name of the file, for messages
   * @param warnings receives a sentence for each oddity that does not prevent use
   * @throws BadInputException if the content is damaged
   */
  public static FactorFile parse(String name, String text, Consumer<String> warnings) {
    String content = (text.startsWith("\uFEFF") ? text.substring(1) : text).strip();
    if (content.isEmpty()) {
      throw damaged(name, "it is empty; " + EXPECTED);
    }
    FactorFile file =
        content.startsWith("{")
            ? FactorJson.read(name, content)
            : of(name, FactorCsv.parse(name, content));
    file.sets().stream()
        // Those that a search of ours found are as they should be.
        .filter(named -> named.set().provenance() == null)
        .forEach(named -> warnIfNotMonotone(named.name(), named.set().factors(), warnings));
    return file;
  }

  /** Prints the factors.json of a set, without absent values. Ends with a newline. */
  public static String print(FactorSet set) {
    return FactorJson.print(FactorJson.ropeScaling(set));
  }

  /** Writes factors.json to a local file, whole or not at all. */
  public static void write(Path file, FactorSet set) {
    WholeFile.write(file, print(set).getBytes(StandardCharsets.UTF_8));
  }

  /** Tells whether the length of a text decides which set holds. */
  public boolean isTable() {
    return sets.size() > 1;
  }

  /** Returns the set of the largest target length. */
  public FactorSet longest() {
    return sets.get(sets.size() - 1).set();
  }

  /** Returns factors of the same rotations that divide the frequencies which a model has. */
  public FactorFile relativeTo(RopeGeometry rope) {
    return map(named -> named.relativeTo(rope));
  }

  /** Tells whether a set has query scales. */
  public boolean hasQueryScales() {
    return sets.stream().anyMatch(named -> !named.set().queryScales().isNone());
  }

  /** Returns a copy whose sets leave the queries as they are. */
  public FactorFile withoutQueryScales() {
    return new FactorFile(
        sets.stream()
            .map(
                named ->
                    new Named(
                        named.name(), named.set().withQueryScales(QueryScales.NONE), named.total()))
            .toList());
  }

  /** Warns of factors that rescale nothing. */
  void warnIfNothing(Consumer<String> warnings) {
    if (longest().rescalesNothing()) {
      warnings.accept(
          name()
              + " rescales nothing: the model needs no rescaling at this length, and is served as"
              + " it is.");
    }
  }

  /** Returns the names of all sets. */
  String name() {
    return sets.stream().map(Named::name).collect(Collectors.joining(", "));
  }

  /** Returns a copy in which every set is replaced. */
  FactorFile map(Function<Named, FactorSet> change) {
    return new FactorFile(
        sets.stream().map(named -> new Named(named.name(), change.apply(named))).toList());
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
}
