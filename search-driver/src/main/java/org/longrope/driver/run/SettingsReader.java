package org.longrope.driver.run;

import com.typesafe.config.Config;
import com.typesafe.config.ConfigException;
import com.typesafe.config.ConfigFactory;
import com.typesafe.config.ConfigObject;
import com.typesafe.config.ConfigParseOptions;
import com.typesafe.config.ConfigUtil;
import com.typesafe.config.ConfigValue;
import com.typesafe.config.ConfigValueFactory;
import com.typesafe.config.ConfigValueType;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.EnumSet;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.function.Function;
import java.util.stream.Collectors;
import org.jspecify.annotations.Nullable;
import org.longrope.driver.scoring.Limits;
import org.longrope.driver.spark.SparkSettings;
import org.longrope.eval.BadInputException;
import org.longrope.eval.decoder.AttentionWindow;
import org.longrope.eval.rope.AttentionFactor;
import org.longrope.search.FastParameters;
import org.longrope.search.Idea;
import org.longrope.search.SearchMode;
import org.longrope.search.SearchParameters;
import org.longrope.search.SearchPlan;

/**
 * Settings from the command line over a file over {@code conf/reference.conf}. Everything that is
 * wrong is reported at once.
 */
public final class SettingsReader {
  private static final String REFERENCE = "conf/reference.conf";
  private static final Config REFERENCE_CONFIG = reference();
  private static final String FREE_FORM = "spark.conf";
  private static final String NONE = "none";

  /** Above this target the paper halves its population and takes three documents. */
  private static final int LONG_TARGET = 524_288;

  private static final Map<String, Object> LONG_TARGET_DEFAULTS =
      Map.of(
          "search.documents", 3,
          "search.population", 32,
          "search.mutations", 8,
          "search.crossovers", 8);

  private final List<String> problems = new ArrayList<>();
  private final Config given;
  private final Config config;

  private SettingsReader(@Nullable Path file, Map<String, String> options) {
    Config reference = REFERENCE_CONFIG;
    given = file == null ? options(options) : options(options).withFallback(parse(file, reference));
    config = complete(given);
  }

  private SettingsReader(ConfigObject block, String path, Path file, Map<String, String> options) {
    ConfigObject known =
        REFERENCE_CONFIG.root().get("search") instanceof ConfigObject search
            ? known(block, search, path + ".", file)
            : block;
    given = options(options).withFallback(known.toConfig().atKey("search"));
    config = complete(given);
  }

  private static Config complete(Config given) {
    Config merged = given.withFallback(REFERENCE_CONFIG);
    Config forLength = ConfigFactory.empty();
    if (isSet(merged, "search.target-length") && longTarget(merged)) {
      forLength = ConfigFactory.parseMap(LONG_TARGET_DEFAULTS);
    }
    return given.withFallback(forLength).withFallback(REFERENCE_CONFIG);
  }

  /**
   * Settings as they take effect.
   *
   * @param search what to do
   * @param output the run directory
   * @param ledger of evaluations shared with other runs; null for none
   * @param spark where to do it
   */
  public record Effective(
      SearchSettings search, String output, @Nullable String ledger, SparkSettings spark) {}

  /**
   * @param file of --config; null for none
   * @param options given on the command line, by key of the reference file without "search."
   * @param spark given on the command line
   * @throws BadInputException with one line for each problem
   */
  public static Effective read(
      @Nullable Path file, Map<String, String> options, SparkSettings spark) {
    return new SettingsReader(file, options).checked(spark);
  }

  /**
   * Settings of a search as a block of another file says them, over {@code conf/reference.conf}.
   *
   * @param block settings by their keys in the reference's section search
   * @param path of the block in its file
   * @param options over the block, by the same keys
   * @throws BadInputException with one line for each problem
   */
  public static SearchSettings ofBlock(
      ConfigObject block, String path, Path file, Map<String, String> options) {
    return new SettingsReader(block, path, file, options)
        .checked(new SparkSettings(null, Map.of()))
        .search();
  }

  private Effective checked(SparkSettings spark) {
    Effective effective = effective(spark);
    problems.addAll(effective.search().problems());
    if (!problems.isEmpty()) {
      throw new BadInputException(String.join("\n", problems));
    }
    return effective;
  }

  /** The reference file, as packaged. */
  static Config reference() {
    return ConfigFactory.parseResources(SettingsReader.class.getClassLoader(), REFERENCE);
  }

  private static Config options(Map<String, String> options) {
    Config config = ConfigFactory.empty();
    for (Map.Entry<String, String> option : options.entrySet()) {
      config =
          config.withValue(
              "search." + option.getKey(), ConfigValueFactory.fromAnyRef(option.getValue()));
    }
    return config;
  }

  private Config parse(Path file, Config reference) {
    if (!Files.isRegularFile(file)) {
      throw BadInputException.of("No file %s: expected settings as in %s.", file, REFERENCE);
    }
    Config parsed;
    try {
      parsed =
          ConfigFactory.parseFile(
                  file.toFile(), ConfigParseOptions.defaults().setAllowMissing(false))
              .resolve();
    } catch (ConfigException e) {
      throw new BadInputException(
          String.format("Cannot read %s: %s; see %s.", file, e.getMessage(), REFERENCE), e);
    }
    return known(parsed.root(), reference.root(), "", file).toConfig();
  }

  /** What the reference knows of a section, nulls included; the rest becomes problems. */
  private ConfigObject known(ConfigObject given, ConfigObject reference, String prefix, Path file) {
    ConfigObject known = given;
    for (Map.Entry<String, ConfigValue> entry : given.entrySet()) {
      String key = prefix + entry.getKey();
      ConfigValue expected = reference.get(entry.getKey());
      if (expected == null) {
        problems.add(
            String.format(
                "%s in %s is no setting: expected one of those in %s.", key, file, REFERENCE));
        known = known.withoutKey(entry.getKey());
      } else if (expected instanceof ConfigObject section && !key.equals(FREE_FORM)) {
        if (entry.getValue() instanceof ConfigObject inner) {
          known = known.withValue(entry.getKey(), known(inner, section, key + ".", file));
        } else {
          known = known.withoutKey(entry.getKey());
          problems.add(noSection(key, file));
        }
      } else if (expected instanceof ConfigObject && !(entry.getValue() instanceof ConfigObject)) {
        known = known.withoutKey(entry.getKey());
        problems.add(noSection(key, file));
      }
    }
    return known;
  }

  private static String noSection(String key, Path file) {
    return String.format(
        "%s in %s is a value: expected a section of settings as in %s.", key, file, REFERENCE);
  }

  private static boolean isSet(Config config, String key) {
    return config.hasPathOrNull(key) && !config.getIsNull(key);
  }

  private static boolean longTarget(Config config) {
    try {
      return config.getInt("search.target-length") > LONG_TARGET;
    } catch (ConfigException e) {
      return false; // Reported when the setting itself is read.
    }
  }

  private Effective effective(SparkSettings commandLine) {
    SearchSettings search =
        new SearchSettings(
            required("model"),
            required("data"),
            integer("target-length"),
            integer("documents"),
            integer("held-out-documents"),
            word("objective", Objective::of, Objective.PERPLEXITY, Objective.values()),
            isSet(config, "search.max-factor")
                ? read("search.max-factor", config::getDouble, 1.0)
                : null,
            plan(),
            parsed("attention-factor", AttentionFactor::parse, AttentionFactor.SU),
            parsed("attention-window", AttentionWindow::parse, AttentionWindow.CONFIG),
            integer("threads"),
            word("mode", SearchMode::of, SearchMode.GENERATIONAL, SearchMode.values()),
            new Limits(
                isSet(config, "search.deadline") ? duration("deadline") : null,
                duration("patience")));
    String ledger =
        isSet(config, "search.ledger") ? read("search.ledger", config::getString, NONE) : null;
    return new Effective(search, required("output"), ledger(null, ledger), spark(commandLine));
  }

  private SearchPlan plan() {
    long seed = read("search.seed", config::getLong, 0L);
    String strategy = read("search.strategy", config::getString, PlanSettings.PAPER);
    if (strategy.equals(PlanSettings.FAST)) {
      refuse(PlanSettings.PAPER_SETTINGS, PlanSettings.PAPER);
      return new FastParameters(integer("generation"), integer("budget"), without(), seed);
    }
    if (!strategy.equals(PlanSettings.PAPER)) {
      problems.add("strategy is " + strategy + ": expected paper or fast.");
    }
    refuse(PlanSettings.FAST_SETTINGS, PlanSettings.FAST);
    return new SearchParameters(
        integer("population"),
        integer("parents"),
        integer("mutations"),
        integer("crossovers"),
        integer("iterations"),
        read("search.mutation-probability", config::getDouble, 0.3),
        seed);
  }

  /** What would be given in vain. */
  private void refuse(List<String> settings, String strategy) {
    for (String setting : settings) {
      String path = "search." + setting;
      // A whole copy of the reference file has all settings, as they are there.
      if (given.hasPath(path)
          && !given
              .getValue(path)
              .unwrapped()
              .toString()
              .equals(REFERENCE_CONFIG.getValue(path).unwrapped().toString())) {
        problems.add(
            String.format(
                "%s is given: expected it with strategy = %s alone; leave it out, or choose that.",
                setting, strategy));
      }
    }
  }

  /** A list, or from the command line words with commas between them. */
  private Set<Idea> without() {
    String key = "search.without";
    if (!isSet(config, key)) {
      return Set.of();
    }
    List<String> words =
        config.getValue(key).valueType() == ConfigValueType.LIST
            ? read(key, config::getStringList, List.of())
            : List.of(read(key, config::getString, "").split(","));
    Set<Idea> without = EnumSet.noneOf(Idea.class);
    for (String word : words) {
      Idea.of(word)
          .ifPresentOrElse(
              without::add,
              () ->
                  problems.add(
                      "without has "
                          + word
                          + ": expected some of "
                          + Arrays.toString(Idea.values())
                          + "."));
    }
    return without;
  }

  private SparkSettings spark(SparkSettings commandLine) {
    String master = commandLine.master();
    if (master == null && isSet(config, "spark.master")) {
      master = read("spark.master", config::getString, "local");
    }
    Map<String, String> properties = new LinkedHashMap<>();
    config
        .getConfig(FREE_FORM)
        .entrySet()
        .forEach(
            entry ->
                properties.put(
                    ConfigUtil.splitPath(entry.getKey()).stream().collect(Collectors.joining(".")),
                    String.valueOf(entry.getValue().unwrapped())));
    properties.putAll(commandLine.settings());
    return new SparkSettings(master, properties);
  }

  private <T> T word(String key, Function<String, Optional<T>> of, T otherwise, T[] words) {
    String word = read("search." + key, config::getString, otherwise.toString());
    return of.apply(word)
        .orElseGet(
            () -> {
              problems.add(
                  key + " is " + word + ": expected one of " + Arrays.toString(words) + ".");
              return otherwise;
            });
  }

  /**
   * Limits with what a command line says otherwise.
   *
   * @param deadline such as 30m; null leaves it
   * @param patience such as 2h; null leaves it
   * @throws BadInputException if one is no time
   */
  public static Limits limits(Limits begun, @Nullable String deadline, @Nullable String patience) {
    return new Limits(
        deadline == null ? begun.deadline() : duration("--deadline", deadline),
        patience == null ? begun.patience() : duration("--patience", patience));
  }

  /**
   * The ledger with what a command line says otherwise; null for none.
   *
   * @param given a Hadoop path or none; null leaves it
   */
  public static @Nullable String ledger(@Nullable String begun, @Nullable String given) {
    if (given == null) {
      return begun;
    }
    return given.equals(NONE) ? null : given;
  }

  private static Duration duration(String option, String text) {
    try {
      Duration duration = ConfigFactory.parseMap(Map.of("time", text)).getDuration("time");
      if (duration.toMillis() >= 1) {
        return duration;
      }
    } catch (ConfigException e) {
      // Said below, as for no time at all.
    }
    throw BadInputException.of("%s is %s: expected a time such as 30m or 2h.", option, text);
  }

  private Duration duration(String key) {
    return read("search." + key, config::getDuration, Limits.DEFAULT.patience());
  }

  private String required(String key) {
    if (!isSet(config, "search." + key)) {
      problems.add(
          String.format("%s is not given: expected --%s, or search.%s in a file.", key, key, key));
      return "";
    }
    return read("search." + key, config::getString, "");
  }

  private int integer(String key) {
    String path = "search." + key;
    // Stands in for what cannot be read, so that one mistake does not look like several.
    int otherwise = isSet(REFERENCE_CONFIG, path) ? REFERENCE_CONFIG.getInt(path) : 2;
    if (!isSet(config, path)) {
      required(key);
      return otherwise;
    }
    return read(path, this::wholeNumber, otherwise);
  }

  /** The library would cut 5.5 down to 5. */
  private int wholeNumber(String path) {
    int value = config.getInt(path);
    if (config.getDouble(path) != value) {
      throw new ConfigException.BadValue(path, "no whole number");
    }
    return value;
  }

  private <T> T parsed(String key, Function<String, T> parser, T otherwise) {
    String text = read("search." + key, config::getString, otherwise.toString());
    try {
      return parser.apply(text);
    } catch (BadInputException e) {
      problems.add(String.valueOf(e.getMessage()));
      return otherwise;
    }
  }

  private <T> T read(String path, Function<String, T> getter, T otherwise) {
    try {
      return getter.apply(path);
    } catch (ConfigException e) {
      problems.add(
          String.format(
              "%s is %s: expected a value like the one in %s.",
              path.replaceFirst("^search\\.", ""),
              isSet(config, path) ? config.getValue(path).unwrapped() : "null",
              REFERENCE));
      return otherwise;
    }
  }
}
