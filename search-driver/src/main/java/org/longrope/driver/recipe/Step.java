package org.longrope.driver.recipe;

import java.nio.file.Path;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.function.Function;
import org.jspecify.annotations.Nullable;

/**
 * One command of a recipe.
 *
 * @param name unique in the recipe; its folder's name
 * @param options by name without dashes; a value {@code @step} is the result of that step
 * @param handOff result that is made elsewhere; null if the step runs here
 */
public record Step(
    String name, StepCommand command, Map<String, List<String>> options, @Nullable Path handOff) {
  private static final String REFERENCE = "@";

  /** Value of an option that is a switch. */
  static final String ON = "";

  public Step {
    options = new LinkedHashMap<>(options);
  }

  /** Returns the steps whose results it uses, in the order of its options. */
  public Set<String> needs() {
    Set<String> needs = new LinkedHashSet<>();
    options.values().stream()
        .flatMap(List::stream)
        .filter(Step::isReference)
        .forEach(value -> needs.add(referred(value)));
    return needs;
  }

  static boolean isReference(String value) {
    return value.startsWith(REFERENCE);
  }

  static String referred(String value) {
    return value.substring(REFERENCE.length());
  }

  /** Returns the command's output: in the recipe's directory, or where it is handed off. */
  Path output(Path directory) {
    if (handOff != null && command.result(handOff).equals(handOff)) {
      return handOff;
    }
    Path folder = directory.resolve(name);
    List<String> format = options.getOrDefault("format", List.of());
    boolean oneFile = command == StepCommand.EXPORT && !format.equals(List.of("hf"));
    return oneFile ? folder.resolve("factors." + String.join("", format)) : folder;
  }

  /** Returns the path of the result, which other steps use. */
  Path result(Path directory) {
    if (handOff != null) {
      return handOff;
    }
    Path output = output(directory);
    boolean config = command == StepCommand.EXPORT && output.equals(directory.resolve(name));
    return config ? output.resolve("config.json") : command.result(output);
  }

  /**
   * Returns the words of its command line after the command. Options with several values alternate,
   * so that their first values form a group.
   *
   * @param resolve returns the path of a step's result
   */
  List<String> arguments(Path directory, Function<String, Path> resolve) {
    List<String> words = new ArrayList<>();
    int most = options.values().stream().mapToInt(List::size).max().orElse(0);
    for (int i = 0; i < most; i++) {
      for (Map.Entry<String, List<String>> option : options.entrySet()) {
        if (i < option.getValue().size()) {
          String value = option.getValue().get(i);
          words.add("--" + option.getKey());
          if (!value.equals(ON)) {
            words.add(isReference(value) ? resolve.apply(referred(value)).toString() : value);
          }
        }
      }
    }
    words.add("--output");
    words.add(output(directory).toString());
    if (command == StepCommand.SEARCH) {
      words.add("--or-resume");
    }
    return words;
  }
}
