package org.longrope.driver.run.settings;

import com.typesafe.config.Config;
import com.typesafe.config.ConfigException;
import com.typesafe.config.ConfigFactory;
import com.typesafe.config.ConfigObject;
import com.typesafe.config.ConfigUtil;
import com.typesafe.config.ConfigValue;
import com.typesafe.config.ConfigValueFactory;
import java.time.Duration;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.stream.Collectors;
import org.apache.hadoop.conf.Configuration;
import org.jspecify.annotations.Nullable;
import org.longrope.driver.execution.FaultTolerance;
import org.longrope.driver.execution.spark.SparkSettings;
import org.longrope.driver.run.problem.Objective;
import org.longrope.driver.run.problem.WarmStart;
import org.longrope.driver.store.files.HoconFile;
import org.longrope.driver.store.files.StoredFile;
import org.longrope.eval.BadInputException;
import org.longrope.eval.decoder.AttentionWindow;
import org.longrope.eval.rope.AttentionFactor;
import org.longrope.search.SearchMode;

/**
 * Settings from the command line over a file over {@code conf/reference.conf}. Everything that is
 * wrong is reported at once.
 */
public final class SettingsReader {
  static final String REFERENCE = "conf/reference.conf";
  private static final Config REFERENCE_CONFIG = reference();
  private static final String FREE_FORM = "spark.conf";
  private static final String NONE = "none";

  /** Above this target the paper halves its population and takes three documents: 2,016 scores. */
  private static final int LONG_TARGET = 524_288;

  private static final Map<String, Object> LONG_TARGET_DEFAULTS =
      Map.of(
          "search.documents", 3,
          "search.budget", 300,
          "search.population", 32,
          "search.mutations", 8,
          "search.crossovers", 8);

  private final List<String> problems = new ArrayList<>();
  private final Config given;
  private final Config config;

  private SettingsReader(@Nullable StoredFile file, Map<String, String> options) {
    Config reference = REFERENCE_CONFIG;
    given = file == null ? options(options) : options(options).withFallback(parse(file, reference));
    config = complete(given);
  }

  private SettingsReader(
      ConfigObject block, String path, StoredFile file, Map<String, String> options) {
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
      @Nullable StoredFile file, Map<String, String> options, SparkSettings spark) {
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
      ConfigObject block, String path, StoredFile file, Map<String, String> options) {
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
  public static Config reference() {
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

  private Config parse(StoredFile file, Config reference) {
    Config parsed;
    try {
      parsed = HoconFile.parse(file, "expected settings as in " + REFERENCE).resolve();
    } catch (ConfigException e) {
      throw new BadInputException(
          String.format("Cannot read %s: %s; see %s.", file, e.getMessage(), REFERENCE), e);
    }
    return known(parsed.root(), reference.root(), "", file).toConfig();
  }

  /** What the reference knows of a section, nulls included; the rest becomes problems. */
  private ConfigObject known(
      ConfigObject given, ConfigObject reference, String prefix, StoredFile file) {
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

  private static String noSection(String key, StoredFile file) {
    return String.format(
        "%s in %s is a value: expected a section of settings as in %s.", key, file, REFERENCE);
  }

  static boolean isSet(Config config, String key) {
    return config.hasPathOrNull(key) && !config.getIsNull(key);
  }

  private static boolean longTarget(Config config) {
    try {
      return config.getInt("search.target-length") > LONG_TARGET;
    } catch (ConfigException e) {
      return false; // Reported when the setting itself is read.
    }
  }

  private SettingsSection section(String name) {
    return new SettingsSection(name, given, config, REFERENCE_CONFIG, problems);
  }

  private Effective effective(SparkSettings commandLine) {
    SettingsSection section = section("search");
    SparkSettings spark = spark(commandLine);
    SearchSettings search =
        new SearchSettings(
            section.required("model"),
            section.required("data"),
            section.integer("target-length"),
            section.integer("documents"),
            section.integer("held-out-documents"),
            section.word("objective", Objective::of, Objective.PERPLEXITY, Objective.values()),
            section.has("max-factor") ? (Double) section.number("max-factor", 1) : null,
            starts(section, spark.hadoop()),
            StrategySettings.read(section),
            section.parsed("attention-factor", AttentionFactor::parse, AttentionFactor.SU),
            section.parsed("attention-window", AttentionWindow::parse, AttentionWindow.CONFIG),
            section.integer("threads"),
            section.word("mode", SearchMode::of, SearchMode.GENERATIONAL, SearchMode.values()),
            new FaultTolerance(
                section.has("deadline") ? section.duration("deadline") : null,
                section.duration("patience")));
    String ledger = section.has("ledger") ? section.text("ledger", NONE) : null;
    return new Effective(search, section.required("output"), ledger(null, ledger), spark);
  }

  private List<WarmStart> starts(SettingsSection section, Configuration hadoop) {
    List<WarmStart> starts = new ArrayList<>();
    for (String file : section.words("start-from")) {
      try {
        starts.add(WarmStart.read(file, hadoop));
      } catch (BadInputException e) {
        problems.add(String.valueOf(e.getMessage()));
      }
    }
    return starts;
  }

  private SparkSettings spark(SparkSettings commandLine) {
    SettingsSection section = section("spark");
    String master = commandLine.master();
    if (master == null && section.has("master")) {
      master = section.text("master", "local");
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

  /**
   * Limits with what a command line says otherwise.
   *
   * @param deadline such as 30m; null leaves it
   * @param patience such as 2h; null leaves it
   * @throws BadInputException if one is no time
   */
  public static FaultTolerance limits(
      FaultTolerance begun, @Nullable String deadline, @Nullable String patience) {
    return new FaultTolerance(
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
}
