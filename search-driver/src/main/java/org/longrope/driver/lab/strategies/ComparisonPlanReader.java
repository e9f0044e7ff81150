package org.longrope.driver.lab.strategies;

import com.typesafe.config.Config;
import com.typesafe.config.ConfigException;
import com.typesafe.config.ConfigObject;
import com.typesafe.config.ConfigValue;
import com.typesafe.config.ConfigValueType;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.LinkedHashMap;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.stream.Stream;
import org.jspecify.annotations.Nullable;
import org.longrope.driver.run.settings.SearchSettings;
import org.longrope.driver.store.files.HoconFile;
import org.longrope.driver.store.files.StoredFile;
import org.longrope.eval.BadInputException;

/**
 * Reader of comparison plans.
 *
 * <pre>
 *   let { home = "." }                        variables of the file
 *   problems {
 *     books-8x { model = …, data = …, held-out = …, target-length = 32768 }
 *   }
 *   strategies {
 *     paper { strategy = paper }              settings of a search over conf/reference.conf
 *     short { iterations = 10 }
 *   }
 *   reference = paper
 * </pre>
 *
 * It reports all problems of a file at once.
 */
public final class ComparisonPlanReader {
  private static final String EXPECTED = "expected a file as conf/laboratory.conf";
  private static final List<String> SECTIONS =
      List.of("let", "problems", "strategies", "reference");
  private static final String LENGTH = "target-length";
  private static final List<String> KEYS = List.of("model", "data", "held-out", LENGTH);

  /** Settings that a strategy cannot have, because each problem and seed has its own. */
  private static final Set<String> NOT_A_STRATEGYS =
      Set.of("model", "data", LENGTH, "seed", "output");

  private final StoredFile file;
  private final Config config;
  private final List<String> problems = new ArrayList<>();

  private ComparisonPlanReader(StoredFile file) {
    this.file = file;
    try {
      config = HoconFile.parse(file, EXPECTED).resolve();
    } catch (ConfigException e) {
      throw new BadInputException(
          String.format("Cannot read %s: %s; %s.", file, e.getMessage(), EXPECTED), e);
    }
  }

  /**
   * Reads a plan and collects its problems.
   *
   * @param problems to choose; all if there is none
   * @param strategies to choose; all if there is none
   * @param seeds number of seeds, from 1
   * @throws BadInputException with one line for each problem
   */
  public static ComparisonPlan read(
      StoredFile file, List<String> problems, List<String> strategies, int seeds) {
    ComparisonPlanReader reader = new ComparisonPlanReader(file);
    ComparisonPlan plan = reader.plan(problems, strategies, seeds);
    reader.throwProblems();
    return plan;
  }

  private void throwProblems() {
    if (!problems.isEmpty()) {
      throw new BadInputException(String.join("\n", problems));
    }
  }

  private ComparisonPlan plan(
      List<String> wantedProblems, List<String> wantedStrategies, int seeds) {
    for (String key : config.root().keySet()) {
      if (!SECTIONS.contains(key)) {
        problems.add(
            String.format("%s in %s is not a section: expected one of %s.", key, file, SECTIONS));
      }
    }
    if (!(seeds >= 1)) {
      problems.add("--seeds is " + seeds + ": expected 1 or more.");
    }
    Map<String, ConfigObject> strategies = section("strategies");
    String reference = text(config.root().get("reference"));
    if (!strategies.isEmpty() && !strategies.containsKey(reference)) {
      problems.add(
          String.format(
              "reference in %s is '%s': expected one of the strategies %s.",
              file, reference, strategies.keySet()));
    }
    strategies.forEach(this::checkStrategy);
    Map<String, ConfigObject> blocks = section("problems");
    blocks.forEach(this::checkKeys);
    List<String> chosen = choose("--problem", wantedProblems, blocks.keySet());
    List<String> compared = choose("--strategy", wantedStrategies, strategies.keySet());
    throwProblems();
    ComparisonPlan plan =
        new ComparisonPlan(
            file,
            chosen.stream().map(name -> problem(name, blocks)).toList(),
            compared,
            reference,
            strategies,
            seeds);
    throwProblems();
    checkSettings(plan);
    return plan;
  }

  /** Returns the blocks of a section in the order of the file. */
  private Map<String, ConfigObject> section(String name) {
    Map<String, ConfigObject> blocks = new LinkedHashMap<>();
    if (!(config.root().get(name) instanceof ConfigObject all) || all.isEmpty()) {
      problems.add(String.format("%s has no %s: expected a section with one or more.", file, name));
      return blocks;
    }
    all.entrySet().stream()
        .sorted(
            Comparator.comparingInt(ComparisonPlanReader::line)
                .thenComparing(Map.Entry.comparingByKey()))
        .forEach(
            entry -> {
              // They are the names of folders, and of columns in a CSV file.
              if (!entry.getKey().matches("[A-Za-z0-9][A-Za-z0-9_.-]*")) {
                problems.add(
                    String.format(
                        "'%s' among the %s of %s: expected a name of letters, digits, dots and"
                            + " dashes.",
                        entry.getKey(), name, file));
              } else if (entry.getValue() instanceof ConfigObject block) {
                blocks.put(entry.getKey(), block);
              } else {
                problems.add(
                    String.format(
                        "%s.%s in %s is a value: expected { … }.", name, entry.getKey(), file));
              }
            });
    return blocks;
  }

  /** Returns the line of a block; values that it takes from another block have their own lines. */
  private static int line(Map.Entry<String, ConfigValue> entry) {
    Stream<ConfigValue> values =
        entry.getValue() instanceof ConfigObject block ? block.values().stream() : Stream.empty();
    return Stream.concat(Stream.of(entry.getValue()), values)
        .mapToInt(value -> value.origin().lineNumber())
        .max()
        .orElse(0);
  }

  private void checkStrategy(String name, ConfigObject block) {
    if (name.equals(ProblemRuns.HELD_OUT) || name.equals(ProblemRuns.CACHE)) {
      problems.add(
          String.format(
              "strategies.%s in %s: expected another name, because a folder of the output has this"
                  + " one.",
              name, file));
    }
    block.keySet().stream()
        .filter(NOT_A_STRATEGYS::contains)
        .sorted()
        .forEach(
            key ->
                problems.add(
                    String.format(
                        "strategies.%s.%s in %s: expected no such setting, because each"
                            + " problem and seed has its own.",
                        name, key, file)));
  }

  private void checkKeys(String name, ConfigObject block) {
    block.keySet().stream()
        .filter(key -> !KEYS.contains(key))
        .sorted()
        .forEach(
            key ->
                problems.add(
                    String.format(
                        "problems.%s.%s in %s: expected only %s.", name, key, file, KEYS)));
  }

  private List<String> choose(String option, List<String> wanted, Set<String> there) {
    for (String name : wanted) {
      if (!there.contains(name)) {
        problems.add(String.format("%s %s: %s has only %s.", option, name, file, there));
      }
    }
    return there.stream().filter(name -> wanted.isEmpty() || wanted.contains(name)).toList();
  }

  private Problem problem(String name, Map<String, ConfigObject> blocks) {
    Map<String, String> values = new LinkedHashMap<>();
    for (String key : KEYS) {
      ConfigObject block = blocks.get(name);
      String value = block == null ? "" : text(block.get(key));
      if (value.isEmpty()) {
        problems.add(String.format("problems.%s in %s has no %s: expected one.", name, file, key));
      }
      values.put(key, value);
    }
    return new Problem(
        name,
        values.getOrDefault("model", ""),
        values.getOrDefault("data", ""),
        values.getOrDefault("held-out", ""),
        length(name, values.getOrDefault(LENGTH, "")));
  }

  private int length(String name, String text) {
    int length = text.matches("[0-9]{1,9}") ? Integer.parseInt(text) : 0;
    if (!text.isEmpty() && length < 2) {
      problems.add(
          String.format(
              "problems.%s.%s in %s is %s: expected 2 or more tokens.", name, LENGTH, file, text));
    }
    return length;
  }

  private static String text(@Nullable ConfigValue value) {
    if (value == null
        || value.valueType() == ConfigValueType.NULL
        || value.valueType() == ConfigValueType.OBJECT
        || value.valueType() == ConfigValueType.LIST) {
      return "";
    }
    return String.valueOf(value.unwrapped());
  }

  /** Checks that all strategies are measured alike, so that their numbers can be compared. */
  private void checkSettings(ComparisonPlan plan) {
    Set<String> involved = new LinkedHashSet<>(plan.strategies());
    involved.add(plan.reference());
    Problem any = plan.problems().get(0);
    Map<List<Object>, String> measured = new LinkedHashMap<>();
    for (String strategy : involved) {
      try {
        SearchSettings settings = plan.settings(any, strategy, 1, file.toString());
        measured.putIfAbsent(List.of(settings.attentionWindow(), settings.threads()), strategy);
      } catch (BadInputException e) {
        String.valueOf(e.getMessage())
            .lines()
            .map(line -> line.startsWith("strategies.") ? line : strategy(strategy) + line)
            .forEach(problems::add);
      }
    }
    if (measured.size() > 1) {
      problems.add(
          String.format(
              "Strategies %s in %s differ in attention-window or threads: expected the same of all,"
                  + " so that their perplexities can be compared.",
              measured.values(), file));
    }
  }

  private String strategy(String name) {
    return String.format("strategies.%s in %s: ", name, file);
  }
}
