package org.longrope.driver.run.settings;

import com.typesafe.config.Config;
import com.typesafe.config.ConfigException;
import com.typesafe.config.ConfigObject;
import com.typesafe.config.ConfigUtil;
import com.typesafe.config.ConfigValue;
import java.util.ArrayList;
import java.util.Collection;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import org.apache.hadoop.conf.Configuration;
import org.jspecify.annotations.Nullable;
import org.longrope.driver.execution.FaultTolerance;
import org.longrope.driver.execution.spark.SparkSettings;
import org.longrope.driver.run.problem.WarmStart;
import org.longrope.driver.store.files.HoconFile;
import org.longrope.driver.store.files.StoredFile;
import org.longrope.eval.BadInputException;
import org.longrope.search.StrategyConfig;
import org.longrope.search.settings.Setting;
import org.longrope.search.settings.SettingValues;
import org.longrope.search.settings.StrategyDefinition;

/**
 * Reads settings from the command line over a file over the defaults of {@link SearchSchema}. All
 * problems are reported at once.
 */
public final class SettingsReader {
  private static final String REFERENCE = "conf/reference.conf";
  private static final String SEARCH = "search";
  private static final String SPARK = "spark";
  private static final String MASTER = "master";
  private static final String CONF = "conf";

  private final List<String> problems = new ArrayList<>();

  /** Raw values by setting; null where a file says null. */
  private final Map<Setting<?>, @Nullable Object> given = new LinkedHashMap<>();

  private @Nullable String master;
  private final Map<String, String> properties = new LinkedHashMap<>();

  private SettingsReader() {}

  /**
   * Settings as they take effect.
   *
   * @param search everything that decides the course and the limits of a search
   * @param output the run directory
   * @param evaluationCache directory of evaluations shared with other runs; null for none
   * @param spark where to run
   */
  public record Effective(
      SearchSettings search,
      String output,
      @Nullable String evaluationCache,
      SparkSettings spark) {}

  /**
   * Reads the settings of a search.
   *
   * @param file of --config; null for none
   * @param options of the command line, by key of section search
   * @param spark options of the command line
   * @throws BadInputException with one line for each problem
   */
  public static Effective read(
      @Nullable StoredFile file, Map<String, String> options, SparkSettings spark) {
    SettingsReader reader = new SettingsReader();
    if (file != null) {
      reader.addFile(file);
    }
    reader.addOptions(options);
    return reader.effective(spark);
  }

  /**
   * Reads the settings of a search from a block of another file.
   *
   * @param block settings by their keys in section search
   * @param path of the block in its file
   * @param options over the block, by the same keys
   * @throws BadInputException with one line for each problem
   */
  public static SearchSettings ofBlock(
      ConfigObject block, String path, StoredFile file, Map<String, String> options) {
    SettingsReader reader = new SettingsReader();
    reader.addSearch(block, path + ".", file);
    reader.addOptions(options);
    return reader.effective(new SparkSettings(null, Map.of())).search();
  }

  /**
   * Returns the limits of a resumed run.
   *
   * @param begun the limits that the run was begun with
   * @param options of the command line, which override them
   * @throws BadInputException with one line for each problem
   */
  public static FaultTolerance limits(FaultTolerance begun, Map<String, String> options) {
    SettingsReader reader = new SettingsReader();
    reader.addOptions(options);
    SettingValues values = reader.read(reader.given.keySet(), false);
    reader.problems.addAll(values.problems());
    reader.throwProblems();
    FaultTolerance limits = begun;
    if (values.find(SearchSchema.DEADLINE) != null) {
      limits = new FaultTolerance(values.find(SearchSchema.DEADLINE), limits.timeout());
    }
    return values.find(SearchSchema.TIMEOUT) == null
        ? limits
        : new FaultTolerance(limits.deadline(), values.get(SearchSchema.TIMEOUT));
  }

  /**
   * Returns the evaluation cache of a resumed run; null for none.
   *
   * @param begun the cache that the run was begun with
   * @param options of the command line, which override it
   */
  public static @Nullable String evaluationCache(
      @Nullable String begun, Map<String, String> options) {
    String key = SearchSchema.EVALUATION_CACHE.key();
    return options.containsKey(key) ? path(options.get(key)) : begun;
  }

  private static @Nullable String path(@Nullable String given) {
    return SearchSchema.NONE.equals(given) ? null : given;
  }

  private void addOptions(Map<String, String> options) {
    options.forEach((key, value) -> given.put(SearchSchema.find(key).orElseThrow(), value));
  }

  private void addFile(StoredFile file) {
    ConfigObject root;
    try {
      root = HoconFile.parse(file, "expected settings as in " + REFERENCE).resolve().root();
    } catch (ConfigException e) {
      throw new BadInputException(
          String.format("Cannot read %s: %s; see %s.", file, e.getMessage(), REFERENCE), e);
    }
    root.forEach(
        (key, value) -> {
          if (!key.equals(SEARCH) && !key.equals(SPARK)) {
            unknown(key, file);
          } else if (!(value instanceof ConfigObject section)) {
            problems.add(noSection(key, file));
          } else if (key.equals(SEARCH)) {
            addSearch(section, SEARCH + ".", file);
          } else {
            addSpark(section, file);
          }
        });
  }

  private void addSearch(ConfigObject block, String prefix, StoredFile file) {
    Map<Setting<?>, String> keys = new LinkedHashMap<>();
    block.forEach(
        (key, value) -> {
          Setting<?> setting = SearchSchema.find(key).orElse(null);
          if (setting == null) {
            unknown(prefix + key, file);
            return;
          }
          String other = keys.putIfAbsent(setting, key);
          if (other != null) {
            problems.add(
                String.format(
                    "%s%s and %s%s in %s are one setting: expected one of them.",
                    prefix, other, prefix, key, file));
          }
          given.put(setting, value.unwrapped());
        });
  }

  private void addSpark(ConfigObject section, StoredFile file) {
    section.forEach(
        (key, value) -> {
          if (key.equals(MASTER)) {
            addMaster(value);
          } else if (!key.equals(CONF)) {
            unknown(SPARK + "." + key, file);
          } else if (value instanceof ConfigObject all) {
            addProperties(all.toConfig());
          } else {
            problems.add(noSection(SPARK + "." + CONF, file));
          }
        });
  }

  private void addMaster(ConfigValue value) {
    if (value.unwrapped() instanceof String text) {
      master = text;
    } else if (value.unwrapped() != null) {
      problems.add(
          String.format("spark.master is %s: expected a URL, or local[N].", value.unwrapped()));
    }
  }

  private void addProperties(Config all) {
    all.entrySet()
        .forEach(
            entry ->
                properties.put(
                    String.join(".", ConfigUtil.splitPath(entry.getKey())),
                    String.valueOf(entry.getValue().unwrapped())));
  }

  private void unknown(String key, StoredFile file) {
    problems.add(
        String.format(
            "%s in %s is no setting: expected one of those in %s.", key, file, REFERENCE));
  }

  private static String noSection(String key, StoredFile file) {
    return String.format(
        "%s in %s is a value: expected a section of settings as in %s.", key, file, REFERENCE);
  }

  private Effective effective(SparkSettings commandLine) {
    String chosenMaster = commandLine.master() == null ? master : commandLine.master();
    properties.putAll(commandLine.settings());
    SparkSettings spark = new SparkSettings(chosenMaster, properties);
    boolean longTarget = longTarget();
    SettingValues values = read(SearchSchema.COMMON, longTarget);
    StrategyConfig strategy = strategy(values, longTarget);
    problems.addAll(values.problems());
    Integer documents = values.find(SearchSchema.DOCUMENTS);
    problems.addAll(
        strategy.problems(
            values.get(SearchSchema.MODE), documents == null ? 1 : Math.max(1, documents)));
    List<WarmStart> starts = starts(values, spark.hadoop());
    throwProblems();
    return new Effective(
        SearchSettings.of(values, strategy, starts),
        values.get(SearchSchema.OUTPUT),
        path(values.find(SearchSchema.EVALUATION_CACHE)),
        spark);
  }

  private boolean longTarget() {
    Object raw = given.get(SearchSchema.TARGET_LENGTH);
    try {
      return raw != null
          && SearchSchema.TARGET_LENGTH.type().read().apply(raw) > SearchSchema.LONG_TARGET;
    } catch (IllegalArgumentException e) {
      return false; // Reported where the setting itself is read.
    }
  }

  private void throwProblems() {
    if (!problems.isEmpty()) {
      throw new BadInputException(String.join("\n", problems));
    }
  }

  private StrategyConfig strategy(SettingValues common, boolean longTarget) {
    StrategyDefinition<?> chosen = common.find(SearchSchema.STRATEGY);
    if (chosen == null) {
      chosen = implied(common);
    }
    for (StrategyDefinition<?> other : SearchSchema.STRATEGIES) {
      if (other != chosen) {
        other.settings().forEach(setting -> refuse(setting, other));
      }
    }
    return chosen.read().apply(read(chosen.settings(), longTarget), seed(common));
  }

  private static long seed(SettingValues common) {
    Long seed = common.find(SearchSchema.SEED);
    return seed == null ? 0 : seed;
  }

  /**
   * Returns the only strategy whose settings are given, else the first that supports the mode. A
   * whole copy of the reference file gives the settings of all.
   */
  private StrategyDefinition<?> implied(SettingValues common) {
    List<StrategyDefinition<?>> named = new ArrayList<>();
    List<StrategyDefinition<?>> able = new ArrayList<>();
    for (StrategyDefinition<?> strategy : SearchSchema.STRATEGIES) {
      if (strategy.settings().stream().anyMatch(given::containsKey)) {
        named.add(strategy);
      }
      if (strategy.modes().contains(common.get(SearchSchema.MODE))) {
        able.add(strategy);
      }
    }
    return named.size() == 1 ? named.get(0) : able.get(0);
  }

  /** Adds a problem for a setting of another strategy, unless its value is the default. */
  private <T> void refuse(Setting<T> setting, StrategyDefinition<?> owner) {
    Object raw = given.get(setting);
    if (raw != null && !isDefault(setting, raw)) {
      problems.add(
          String.format(
              "%s is a setting of strategy %s alone: leave it out, or choose strategy = %s.",
              setting, owner, owner));
    }
  }

  private static <T> boolean isDefault(Setting<T> setting, Object raw) {
    try {
      return setting.type().read().apply(raw).equals(setting.defaultValue());
    } catch (IllegalArgumentException | BadInputException e) {
      return false;
    }
  }

  private SettingValues read(Collection<Setting<?>> settings, boolean longTarget) {
    SettingValues values = SettingValues.NONE;
    for (Setting<?> setting : settings) {
      values = read(values, setting, longTarget);
    }
    return values;
  }

  /** Adds a setting's value, or a problem and the default. */
  private <T> SettingValues read(SettingValues values, Setting<T> setting, boolean longTarget) {
    T other = longTarget ? setting.longTargetDefault() : null;
    T otherwise = other == null ? setting.defaultValue() : other;
    Object raw = given.get(setting);
    if (raw != null) {
      try {
        return values.with(setting, setting.type().read().apply(raw));
      } catch (BadInputException e) {
        problems.add(String.valueOf(e.getMessage()));
      } catch (IllegalArgumentException e) {
        problems.add(String.format("%s is %s: expected %s.", setting, raw, setting.expected()));
      }
    } else if (setting.isRequired()) {
      problems.add(
          String.format(
              "%s is not given: expected --%s, or search.%s in a file.",
              setting, setting, setting));
    } else if (given.containsKey(setting) && !setting.isOptional()) {
      problems.add(String.format("%s is null: expected %s.", setting, setting.expected()));
    }
    return values.with(setting, otherwise);
  }

  private List<WarmStart> starts(SettingValues values, Configuration hadoop) {
    List<WarmStart> starts = new ArrayList<>();
    for (String file : values.get(SearchSchema.START_FROM)) {
      try {
        starts.add(WarmStart.read(file, hadoop));
      } catch (BadInputException e) {
        problems.add(String.valueOf(e.getMessage()));
      }
    }
    return starts;
  }
}
