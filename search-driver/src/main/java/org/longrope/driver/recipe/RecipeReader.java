package org.longrope.driver.recipe;

import com.typesafe.config.Config;
import com.typesafe.config.ConfigException;
import com.typesafe.config.ConfigList;
import com.typesafe.config.ConfigObject;
import com.typesafe.config.ConfigValue;
import com.typesafe.config.ConfigValueFactory;
import com.typesafe.config.ConfigValueType;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.Comparator;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Set;
import org.longrope.driver.store.files.FileLocation;
import org.longrope.driver.store.files.HoconFile;
import org.longrope.driver.store.files.StoredFile;
import org.longrope.eval.BadInputException;

/**
 * Reader of recipes.
 *
 * <pre>
 *   name = demonstration
 *   let { model = /models/llama }             words that --set may change
 *   steps {
 *     first { command = search, model = ${let.model}, target-length = 2048, ... }
 *     tune  { command = finetune, model = ${let.model}, factors = "@first", ... }
 *   }
 * </pre>
 *
 * A step's other keys are options of its command. All errors are reported at once.
 */
public final class RecipeReader {
  private static final Set<String> SECTIONS = Set.of("name", "let", "steps");
  private static final Set<String> RESERVED = Set.of(StepRecords.FOLDER, "report");

  private final StoredFile file;
  private final Map<String, String> handOffs;
  private final List<String> problems = new ArrayList<>();

  private RecipeReader(StoredFile file, Map<String, String> handOffs) {
    this.file = file;
    this.handOffs = new LinkedHashMap<>(handOffs);
  }

  /**
   * Reads a recipe.
   *
   * @param set values of the section let, by key
   * @param handOffs results that replace steps, by step; in addition to those in the file
   * @throws BadInputException with one line for each problem
   */
  public static Recipe read(
      StoredFile file, Map<String, String> set, Map<String, String> handOffs) {
    try {
      return new RecipeReader(file, handOffs).read(parse(file, set));
    } catch (ConfigException e) {
      throw new BadInputException(
          String.format(
              "Cannot read %s: %s; expected a recipe as those in conf/recipes.",
              file, e.getMessage()),
          e);
    }
  }

  private static Config parse(StoredFile file, Map<String, String> set) {
    Config parsed = HoconFile.parse(file, "expected a recipe as those in conf/recipes");
    for (Map.Entry<String, String> entry : set.entrySet()) {
      boolean there =
          parsed.root().get("let") instanceof ConfigObject let && let.containsKey(entry.getKey());
      if (!there) {
        throw BadInputException.of(
            "--set %s: %s has no such word in its section let; expected one of those there.",
            entry.getKey(), file);
      }
      parsed =
          parsed.withValue(
              "let." + entry.getKey(), ConfigValueFactory.fromAnyRef(entry.getValue()));
    }
    return parsed.resolve();
  }

  private Recipe read(Config config) {
    for (String key : config.root().keySet()) {
      if (!SECTIONS.contains(key)) {
        problems.add(
            String.format(
                "%s in %s is no part of a recipe: expected name, let or steps.", key, file));
      }
    }
    List<Step> steps = new ArrayList<>();
    ConfigValue section = config.root().get("steps");
    if (section instanceof ConfigObject all && !all.isEmpty()) {
      all.entrySet().stream()
          .sorted(Comparator.comparingInt(entry -> line(entry.getValue())))
          .forEach(entry -> step(entry.getKey(), entry.getValue(), steps));
    } else {
      problems.add(
          String.format("%s has no steps: expected a section steps with one or more.", file));
    }
    handOffs.keySet().stream()
        .filter(name -> steps.stream().noneMatch(step -> step.name().equals(name)))
        .forEach(
            name -> problems.add(String.format("--hand-off %s: %s has no such step.", name, file)));
    if (!problems.isEmpty()) {
      throw new BadInputException(String.join("\n", problems));
    }
    String name =
        config.hasPath("name")
            ? config.getString("name")
            : file.name().replaceFirst("\\.conf$", "");
    return Recipe.of(name, steps, file);
  }

  /** Returns the line of a step's command: inherited options are on other lines. */
  private static int line(ConfigValue step) {
    ConfigValue command = step instanceof ConfigObject section ? section.get("command") : null;
    return (command == null ? step : command).origin().lineNumber();
  }

  private void step(String name, ConfigValue value, List<Step> steps) {
    if (!name.matches("[A-Za-z0-9][A-Za-z0-9_-]*") || RESERVED.contains(name)) {
      problems.add(
          String.format(
              "Step '%s' of %s: expected a name of letters, digits and dashes, and none of %s.",
              name, file, RESERVED));
      return;
    }
    if (!(value instanceof ConfigObject section)) {
      problems.add(
          String.format("Step %s of %s is a value: expected { command = ..., ... }.", name, file));
      return;
    }
    Config config = section.toConfig();
    String word = config.hasPath("command") ? config.getString("command") : "";
    StepCommand command = StepCommand.of(word).orElse(null);
    if (command == null) {
      problems.add(
          String.format(
              "Step %s of %s has the command '%s': expected one of %s.",
              name, file, word, Arrays.toString(StepCommand.values())));
      return;
    }
    Map<String, List<String>> options = new LinkedHashMap<>();
    section.entrySet().stream()
        .filter(entry -> !Set.of("command", "hand-off").contains(entry.getKey()))
        .sorted(Map.Entry.comparingByKey())
        .forEach(entry -> option(name, entry.getKey(), entry.getValue(), options));
    if (options.containsKey("output")) {
      problems.add(
          String.format(
              "Step %s of %s has an output: expected none, its folder is that of its name.",
              name, file));
    }
    String handOff =
        handOffs.getOrDefault(name, config.hasPath("hand-off") ? config.getString("hand-off") : "");
    if (FileLocation.parse(handOff).isRemote()) {
      problems.add(
          String.format(
              "Step %s is handed off to %s: expected a path that all hosts see, not a URL.",
              name, handOff));
      return;
    }
    steps.add(
        new Step(
            name,
            command,
            options,
            handOff.isEmpty() ? null : Path.of(handOff).toAbsolutePath().normalize()));
  }

  private void option(
      String step, String key, ConfigValue value, Map<String, List<String>> options) {
    List<ConfigValue> values = value instanceof ConfigList list ? list : List.of(value);
    List<String> words = new ArrayList<>();
    for (ConfigValue one : values) {
      if (one.valueType() == ConfigValueType.NULL || one.valueType() == ConfigValueType.OBJECT) {
        problems.add(
            String.format(
                "Option %s of step %s in %s has no value: expected one, in the file or by --set.",
                key, step, file));
        return;
      }
      if (Boolean.FALSE.equals(one.unwrapped())) {
        return;
      }
      words.add(Boolean.TRUE.equals(one.unwrapped()) ? Step.ON : String.valueOf(one.unwrapped()));
    }
    options.put(key, words);
  }
}
