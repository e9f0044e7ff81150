package org.longrope.driver.run.settings;

import com.typesafe.config.ConfigException;
import com.typesafe.config.ConfigFactory;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.stream.Stream;
import org.longrope.driver.execution.FaultTolerance;
import org.longrope.driver.run.problem.Objective;
import org.longrope.eval.decoder.AttentionWindow;
import org.longrope.eval.rope.AttentionFactor;
import org.longrope.eval.rope.YarnBetas;
import org.longrope.search.SearchMode;
import org.longrope.search.StrategyConfig;
import org.longrope.search.cmaes.CmaEsSettings;
import org.longrope.search.genetic.GeneticSettings;
import org.longrope.search.gradient.GradientSettings;
import org.longrope.search.settings.Setting;
import org.longrope.search.settings.SettingType;
import org.longrope.search.settings.StrategyDefinition;

/**
 * The definition of every setting of a search. A setting is added here, or in the settings of its
 * strategy, and nowhere else: configuration files, options of {@code search}, validation, help,
 * run.json, {@code conf/reference.conf} and the reference page follow.
 */
public final class SearchSchema {
  /** All strategies, the default first. A strategy is added here. */
  public static final List<StrategyDefinition<?>> STRATEGIES =
      List.of(GradientSettings.DEFINITION, CmaEsSettings.DEFINITION, GeneticSettings.DEFINITION);

  /** Word that switches a path off on the command line. */
  static final String NONE = "none";

  /** Greatest target, in tokens, of the ordinary defaults. */
  public static final int LONG_TARGET = 524_288;

  private static final int GREATEST_FACTOR = 1_000_000;
  private static final int MOST_STARTS = 4;

  private static final SettingType<Duration> TIME =
      new SettingType<>(
          "a time such as 30m or 2h",
          "TIME",
          SearchSchema::duration,
          Duration::toString,
          SearchSchema::text);

  private static final SettingType<StrategyDefinition<?>> STRATEGY_NAME =
      SettingType.parsed(
          "one of " + String.join(", ", STRATEGIES.stream().map(Object::toString).toList()),
          "NAME",
          word ->
              STRATEGIES.stream()
                  .filter(strategy -> strategy.isNamed(word))
                  .findFirst()
                  .orElseThrow(IllegalArgumentException::new));

  private static final SettingType<YarnBetas> BETAS =
      new SettingType<>(
          "FAST,SLOW, such as \"128,2\"",
          "FAST,SLOW",
          raw -> YarnBetas.parse(String.valueOf(raw)),
          YarnBetas::toString,
          betas -> '"' + betas.toString() + '"');

  public static final Setting<String> MODEL =
      Setting.of(
          "model",
          SettingType.text("a path", "DIR"),
          "Directory of the Hugging Face checkpoint, on any Hadoop file system. A local path is the"
              + " same on every host.");

  public static final Setting<String> DATA =
      Setting.of(
          "data",
          SettingType.text("a path", "DIR"),
          "Evaluation partition that 'prepare' wrote, on any Hadoop file system.");

  public static final Setting<Integer> TARGET_LENGTH =
      Setting.of(
              "target-length",
              SettingType.WHOLE_NUMBER,
              "Length to extend the model to, in tokens. It is longer than the model's window,"
                  + " unless max-factor is given.")
          .range(n -> n >= 2, "2 or more tokens");

  public static final Setting<String> OUTPUT =
      Setting.of(
          "output",
          SettingType.text("a path", "RUN"),
          "Run directory to write, on any Hadoop file system.");

  public static final Setting<Objective> OBJECTIVE =
      Setting.of(
              "objective",
              SettingType.oneOf("NAME", Objective.values()),
              "Quantity that is minimised. perplexity: of all tokens of the target length. needle:"
                  + " perplexity of a five-digit key that is hidden in each document and asked for"
                  + " at its end. long-tokens: perplexity of the tokens beyond the original window."
                  + " long-and-short: geometric mean of the perplexities at the target length and"
                  + " at the original window.")
          .defaultsTo(Objective.PERPLEXITY);

  public static final Setting<Integer> DOCUMENTS =
      Setting.of(
              "documents",
              SettingType.WHOLE_NUMBER,
              "Documents to search on, each of at least the target length, drawn by the seed.")
          .defaultsTo(5)
          .defaultsForLongTargetsTo(3)
          .range(n -> n >= 1, "1 or more");

  public static final Setting<Integer> HELD_OUT_DOCUMENTS =
      Setting.of(
              "held-out-documents",
              SettingType.WHOLE_NUMBER,
              "Further documents, on which the results are measured and never searched. Fewer are"
                  + " taken if the partition has no more.")
          .defaultsTo(5)
          .range(n -> n >= 0, "0 or more");

  public static final Setting<Double> MAX_FACTOR =
      Setting.of(
              "max-factor",
              SettingType.NUMBER,
              "Greatest rescale factor. In a further extension, greatest multiple of the model's"
                  + " own factors. A model that was extended is weaker at shorter lengths: with a"
                  + " small bound, such as 2, factors for those are searched too.")
          .optional("1.25 times the extension ratio")
          .range(x -> x >= 1 && x <= GREATEST_FACTOR, "1 or more, and at most " + GREATEST_FACTOR);

  public static final Setting<List<String>> START_FROM =
      Setting.of(
              "start-from",
              SettingType.list("a list of files", "FILE[,...]"),
              "Factor files to begin with, besides none, PI, NTK and YaRN. They come from other"
                  + " runs or were published; factors of another length are converted to this one.")
          .defaultsTo(List.of())
          .range(files -> files.size() <= MOST_STARTS, MOST_STARTS + " files at most");

  public static final Setting<AttentionFactor> ATTENTION_FACTOR =
      Setting.of(
              "attention-factor",
              SettingType.parsed("none, su, yarn or a number above 0", "A", AttentionFactor::parse),
              "Attention factor a. none: 1. su: sqrt(1 + ln s / ln L), for extension ratio s and"
                  + " original window L. yarn: 0.1 ln s + 1. Strategies gradient and cmaes begin with"
                  + " it and search it too, unless fixed-attention is true or without has attention.")
          .defaultsTo(AttentionFactor.SU);

  public static final Setting<AttentionWindow> ATTENTION_WINDOW =
      Setting.of(
              "attention-window",
              SettingType.parsed("config, none or a number of tokens", "W", AttentionWindow::parse),
              "Attention window of the model; config is the checkpoint's own.")
          .defaultsTo(AttentionWindow.CONFIG);

  public static final Setting<Integer> ORIGINAL_WINDOW =
      Setting.of(
              "original-window",
              SettingType.WHOLE_NUMBER,
              "Window from which the extension ratio is counted, in tokens, where config.json does"
                  + " not tell it.")
          .optional("original_max_position_embeddings, else max_position_embeddings")
          .range(n -> n >= 2, "2 or more tokens");

  public static final Setting<YarnBetas> YARN_BETAS =
      Setting.of(
              "yarn-betas",
              BETAS,
              "Turns in the original window between which the baseline YaRN blends.")
          .defaultsTo(YarnBetas.DEFAULT);

  public static final Setting<StrategyDefinition<?>> STRATEGY =
      Setting.of("strategy", STRATEGY_NAME, strategies())
          .optional(
              "gradient; another where one of its settings is given; cmaes in mode asynchronous");

  public static final Setting<Long> SEED =
      Setting.of(
              "seed",
              SettingType.LONG_NUMBER,
              "Seed of all random choices. The same seed gives the same result on any number of"
                  + " executors.")
          .defaultsTo(42L);

  public static final Setting<SearchMode> MODE =
      Setting.of(
              "mode",
              SettingType.oneOf("NAME", SearchMode.values()),
              "Rule for when candidates are proposed. generational: after the last evaluation of a"
                  + " generation; the seed alone decides the course. asynchronous (strategies"
                  + " cmaes and genetic): whenever an executor is free; the order of results decides the"
                  + " course.")
          .defaultsTo(SearchMode.GENERATIONAL);

  public static final Setting<Integer> THREADS =
      Setting.of("threads", SettingType.WHOLE_NUMBER, "Threads that share one evaluation on a CPU.")
          .defaultsTo(1)
          .range(n -> n >= 1, "1 or more");

  public static final Setting<Duration> DEADLINE =
      Setting.of(
              "deadline",
              TIME,
              "Longest time of one evaluation. After it the evaluation is stopped and retried on"
                  + " another executor until the timeout ends.")
          .optional("10 times the slowest so far, at least 5m")
          .range(time -> time.toMillis() >= 1, "1ms or more");

  public static final Setting<Duration> TIMEOUT =
      Setting.of(
              "timeout",
              TIME,
              "Time after which the search stops while executors are missing, nothing succeeds, an"
                  + " evaluation fails again and again, or a disk is full. 'resume' continues it.")
          .defaultsTo(FaultTolerance.DEFAULT.timeout())
          .range(time -> !time.isNegative(), "0s or more")
          .earlier("patience");

  public static final Setting<String> EVALUATION_CACHE =
      Setting.of(
              "evaluation-cache",
              SettingType.text("a path", "DIR"),
              "Directory of evaluations that runs share, on any Hadoop file system. What another"
                  + " run evaluated with the same model, document, factors, threads and version is"
                  + " not evaluated again.")
          .optional(NONE)
          .earlier("ledger");

  /** Groups of section {@code search}, in the order of help and files. */
  public static final List<SettingGroup> GROUPS = groups();

  /** Settings that belong to no strategy. */
  static final List<Setting<?>> COMMON =
      Stream.of(GROUPS.get(0), GROUPS.get(1), GROUPS.get(GROUPS.size() - 1))
          .flatMap(group -> group.settings().stream())
          .toList();

  /** Section {@code spark}; its options stand in every command that runs on Spark. */
  public static final SettingGroup SPARK =
      new SettingGroup(
          "Spark",
          List.of(
              Setting.of("master", SettingType.text("a URL", "URL"), "Spark master.")
                  .optional("spark-submit's, else local[*]"),
              Setting.of(
                      "conf",
                      SettingType.text("properties by name", "KEY=VALUE"),
                      "Spark properties by name; as an option, one at a time.")
                  .defaultsTo("{}")));

  private SearchSchema() {}

  private static List<SettingGroup> groups() {
    List<SettingGroup> groups = new ArrayList<>();
    groups.add(
        new SettingGroup("Model, data and target", List.of(MODEL, DATA, TARGET_LENGTH, OUTPUT)));
    groups.add(
        new SettingGroup(
            "Search",
            List.of(
                OBJECTIVE,
                DOCUMENTS,
                HELD_OUT_DOCUMENTS,
                STRATEGY,
                SEED,
                MAX_FACTOR,
                START_FROM,
                ATTENTION_FACTOR,
                ATTENTION_WINDOW,
                ORIGINAL_WINDOW,
                YARN_BETAS)));
    for (StrategyDefinition<?> strategy : STRATEGIES) {
      groups.add(new SettingGroup("Strategy " + strategy, strategy.settings()));
    }
    groups.add(
        new SettingGroup("Execution", List.of(MODE, THREADS, DEADLINE, TIMEOUT, EVALUATION_CACHE)));
    return List.copyOf(groups);
  }

  private static String strategies() {
    StringBuilder text = new StringBuilder("Algorithm of the search.");
    for (StrategyDefinition<?> strategy : STRATEGIES) {
      text.append(String.format(" %s: %s.", strategy, strategy.summary()));
    }
    return text.toString();
  }

  /** Returns the settings of all groups. */
  public static List<Setting<?>> settings() {
    return GROUPS.stream().<Setting<?>>flatMap(group -> group.settings().stream()).toList();
  }

  /** Finds a setting by its key or an earlier one. */
  static Optional<Setting<?>> find(String key) {
    return settings().stream()
        .filter(setting -> setting.key().equals(key) || setting.earlierKeys().contains(key))
        .findFirst();
  }

  /** Returns the definition of a configuration's strategy. */
  public static StrategyDefinition<?> definition(StrategyConfig config) {
    return STRATEGIES.stream()
        .filter(strategy -> strategy.type().isInstance(config))
        .findFirst()
        .orElseThrow();
  }

  /** Reads a time of a configuration file, or one of run.json (ISO 8601). */
  private static Duration duration(Object raw) {
    try {
      return raw instanceof String text && text.startsWith("P")
          ? Duration.parse(text)
          : ConfigFactory.parseMap(Map.of("time", raw)).getDuration("time");
    } catch (ConfigException | java.time.format.DateTimeParseException e) {
      throw new IllegalArgumentException(e);
    }
  }

  private static String text(Duration time) {
    long millis = time.toMillis();
    if (millis % 1000 != 0) {
      return millis + "ms";
    }
    long seconds = millis / 1000;
    return seconds % 60 != 0
        ? seconds + "s"
        : seconds % 3600 != 0 ? seconds / 60 + "m" : seconds / 3600 + "h";
  }
}
