package org.longrope.driver.run.settings;

import com.typesafe.config.Config;
import com.typesafe.config.ConfigException;
import com.typesafe.config.ConfigValueType;
import java.time.Duration;
import java.util.Arrays;
import java.util.List;
import java.util.Optional;
import java.util.function.Function;
import org.longrope.driver.execution.FaultTolerance;
import org.longrope.eval.BadInputException;

/**
 * The settings of a section by their names there, as values. What is wrong with one is kept as a
 * sentence, and something stands in for it, so that all mistakes are reported at once.
 */
final class SettingsSection {
  private final String prefix;
  private final Config given;
  private final Config config;
  private final Config reference;
  private final List<String> problems;

  /**
   * @param section its name
   * @param given what was said, without the reference's values
   * @param config with them
   * @param problems to add to
   */
  SettingsSection(
      String section, Config given, Config config, Config reference, List<String> problems) {
    prefix = section + ".";
    this.given = given;
    this.config = config;
    this.reference = reference;
    this.problems = problems;
  }

  boolean has(String key) {
    return SettingsReader.isSet(config, prefix + key);
  }

  void problem(String sentence) {
    problems.add(sentence);
  }

  /** Whether any of them was said, be it what the reference has, or null. */
  boolean gives(List<String> settings) {
    return settings.stream().anyMatch(setting -> given.hasPathOrNull(prefix + setting));
  }

  /** What a strategy does not know would be given in vain. */
  void refuse(List<String> settings, String strategy) {
    for (String setting : settings) {
      String path = prefix + setting;
      // A whole copy of the reference file has all settings, as they are there.
      if (given.hasPath(path)
          && !given
              .getValue(path)
              .unwrapped()
              .toString()
              .equals(reference.getValue(path).unwrapped().toString())) {
        problems.add(
            String.format(
                "%s is given: expected it with strategy = %s alone; leave it out, or choose that.",
                setting, strategy));
      }
    }
  }

  /** One of an enumeration's words. */
  <T> T word(String key, Function<String, Optional<T>> of, T otherwise, T[] words) {
    String word = text(key, otherwise.toString());
    return of.apply(word)
        .orElseGet(
            () -> {
              problems.add(
                  key + " is " + word + ": expected one of " + Arrays.toString(words) + ".");
              return otherwise;
            });
  }

  /** Words of a list, or with commas between them as on the command line; none if it is not set. */
  List<String> words(String key) {
    if (!has(key)) {
      return List.of();
    }
    return config.getValue(prefix + key).valueType() == ConfigValueType.LIST
        ? read(key, config::getStringList, List.of())
        : List.of(text(key, "").split(","));
  }

  Duration duration(String key) {
    return read(key, config::getDuration, FaultTolerance.DEFAULT.patience());
  }

  String required(String key) {
    if (!has(key)) {
      problems.add(
          String.format(
              "%s is not given: expected --%s, or %s in a file.", key, key, prefix + key));
      return "";
    }
    return text(key, "");
  }

  String text(String key, String otherwise) {
    return read(key, config::getString, otherwise);
  }

  double number(String key, double otherwise) {
    return read(key, config::getDouble, otherwise);
  }

  long seed() {
    return read("seed", config::getLong, 0L);
  }

  int integer(String key) {
    // Stands in for what cannot be read, so that one mistake does not look like several.
    int otherwise =
        SettingsReader.isSet(reference, prefix + key) ? reference.getInt(prefix + key) : 2;
    if (!has(key)) {
      required(key);
      return otherwise;
    }
    return read(key, this::wholeNumber, otherwise);
  }

  /** The library would cut 5.5 down to 5. */
  private int wholeNumber(String path) {
    int value = config.getInt(path);
    if (config.getDouble(path) != value) {
      throw new ConfigException.BadValue(path, "no whole number");
    }
    return value;
  }

  <T> T parsed(String key, Function<String, T> parser, T otherwise) {
    String text = text(key, otherwise.toString());
    try {
      return parser.apply(text);
    } catch (BadInputException e) {
      problems.add(String.valueOf(e.getMessage()));
      return otherwise;
    }
  }

  private <T> T read(String key, Function<String, T> getter, T otherwise) {
    try {
      return getter.apply(prefix + key);
    } catch (ConfigException e) {
      problems.add(
          String.format(
              "%s is %s: expected a value like the one in %s.",
              key,
              has(key) ? config.getValue(prefix + key).unwrapped() : "null",
              SettingsReader.REFERENCE));
      return otherwise;
    }
  }
}
