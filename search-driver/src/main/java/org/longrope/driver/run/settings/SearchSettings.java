package org.longrope.driver.run.settings;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.json.JsonMapper;
import com.fasterxml.jackson.databind.node.ObjectNode;
import java.util.ArrayList;
import java.util.Collection;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;
import org.apache.hadoop.conf.Configuration;
import org.jspecify.annotations.Nullable;
import org.longrope.datasets.DocumentDescriptor;
import org.longrope.datasets.EvaluationPartition;
import org.longrope.driver.execution.FaultTolerance;
import org.longrope.driver.run.problem.ExtensionProblem;
import org.longrope.driver.run.problem.Objective;
import org.longrope.driver.run.problem.WarmStart;
import org.longrope.driver.store.files.FileLocation;
import org.longrope.eval.BadInputException;
import org.longrope.eval.decoder.AttentionWindow;
import org.longrope.eval.family.DecoderSpec;
import org.longrope.eval.rope.AttentionFactor;
import org.longrope.eval.rope.RopeGeometry;
import org.longrope.eval.rope.YarnBetas;
import org.longrope.search.SearchMode;
import org.longrope.search.StrategyConfig;
import org.longrope.search.genetic.GeneticSettings;
import org.longrope.search.settings.Setting;
import org.longrope.search.settings.SettingValues;
import org.longrope.search.settings.StrategyDefinition;

/**
 * Settings of a search. With the model and the partition they decide every number of the run.
 *
 * @param values of the settings that belong to no strategy
 * @param search the strategy's configuration
 * @param starts further factors to begin with
 */
public record SearchSettings(SettingValues values, StrategyConfig search, List<WarmStart> starts) {
  /** File of a run directory that keeps the settings. */
  private static final String STORED_IN = "run.json";

  private static final JsonMapper JSON = new JsonMapper();

  /** Settings that are kept elsewhere: in the strategy's configuration, or beside the settings. */
  private static final List<Setting<?>> APART =
      List.of(
          SearchSchema.OUTPUT,
          SearchSchema.EVALUATION_CACHE,
          SearchSchema.STRATEGY,
          SearchSchema.SEED,
          SearchSchema.START_FROM);

  private static final List<Setting<?>> KEPT =
      SearchSchema.COMMON.stream().filter(setting -> !APART.contains(setting)).toList();

  public SearchSettings {
    starts = List.copyOf(starts);
  }

  /** Selects the settings that a run keeps. */
  static SearchSettings of(SettingValues all, StrategyConfig search, List<WarmStart> starts) {
    return new SearchSettings(all.only(KEPT), search, starts);
  }

  /** Returns the defaults, without model, data and target length. */
  public static SearchSettings defaults(StrategyConfig search) {
    return new SearchSettings(SettingValues.NONE.withDefaults(KEPT), search, List.of());
  }

  /** Returns these settings with another value of one of them. */
  public <T> SearchSettings with(Setting<T> setting, @Nullable T value) {
    return new SearchSettings(values.with(setting, value), search, starts);
  }

  public String model() {
    return values.get(SearchSchema.MODEL);
  }

  /** Returns the Hadoop path of the partition. */
  public String data() {
    return values.get(SearchSchema.DATA);
  }

  public int targetLength() {
    return values.get(SearchSchema.TARGET_LENGTH);
  }

  public int documents() {
    return values.get(SearchSchema.DOCUMENTS);
  }

  public int heldOutDocuments() {
    return values.get(SearchSchema.HELD_OUT_DOCUMENTS);
  }

  public Objective objective() {
    return values.get(SearchSchema.OBJECTIVE);
  }

  public @Nullable Double maxFactor() {
    return values.find(SearchSchema.MAX_FACTOR);
  }

  public AttentionFactor attentionFactor() {
    return values.get(SearchSchema.ATTENTION_FACTOR);
  }

  public AttentionWindow attentionWindow() {
    return values.get(SearchSchema.ATTENTION_WINDOW);
  }

  /** Returns the betas of YaRN as a baseline. */
  public YarnBetas yarnBetas() {
    return values.get(SearchSchema.YARN_BETAS);
  }

  /** Returns a checkpoint's rotation with the settings that override it. */
  public RopeGeometry rope(DecoderSpec spec) {
    Integer window = values.find(SearchSchema.ORIGINAL_WINDOW);
    RopeGeometry rope = spec.rope().withYarnBetas(yarnBetas());
    return window == null ? rope : rope.withOriginalWindow(window);
  }

  /** Returns the name of what decided the original window. */
  public String windowSource(DecoderSpec spec) {
    return values.find(SearchSchema.ORIGINAL_WINDOW) == null
        ? spec.originalWindowSource()
        : "--" + SearchSchema.ORIGINAL_WINDOW.key();
  }

  public int threads() {
    return values.get(SearchSchema.THREADS);
  }

  public SearchMode mode() {
    return values.get(SearchSchema.MODE);
  }

  /** Returns the limits of a run, on which no number depends. */
  public FaultTolerance limits() {
    return new FaultTolerance(values.find(SearchSchema.DEADLINE), values.get(SearchSchema.TIMEOUT));
  }

  /**
   * Checks that the target needs a search.
   *
   * @param window the model's original one, tokens
   * @param reached length that the model reads, tokens: its window, or that of its extension
   * @param extended whether the model was extended before
   * @throws BadInputException if the target is too short
   */
  public void requireTarget(int window, int reached, boolean extended) {
    if (targetLength() <= reached && maxFactor() == null) {
      throw BadInputException.of(
          "--target-length %d is not beyond the model's %s of %d tokens: expected more; %s.",
          targetLength(),
          extended ? "present length" : "window",
          reached,
          extended
              ? "give --max-factor to search for a shorter length that the extension has weakened"
              : "up to it nothing needs rescaling");
    }
    if (targetLength() <= window && objective() == Objective.LONG_TOKENS) {
      throw withinWindow(window, "scores the tokens beyond it");
    }
    if (targetLength() <= window && objective() == Objective.LONG_AND_SHORT) {
      throw withinWindow(window, "weighs the one against the other");
    }
  }

  private BadInputException withinWindow(int window, String does) {
    return BadInputException.of(
        "--target-length %d is not beyond the model's original window of %d tokens: expected more"
            + " for --objective %s, which %s.",
        targetLength(), window, objective(), does);
  }

  /**
   * Returns the ids of the documents that are long enough.
   *
   * @throws BadInputException if there are too few of them
   */
  public List<String> requireDocuments(EvaluationPartition partition) {
    List<String> eligible = new ArrayList<>();
    for (DocumentDescriptor document : partition.documents()) {
      int tokens = document.tokenCount();
      // BOS counts; whether one is prepended shows only in the document itself.
      if (tokens >= targetLength()
          || (tokens == targetLength() - 1
              && partition.sequence(document.id()).length == targetLength())) {
        eligible.add(document.id());
      }
    }
    if (eligible.size() < documents()) {
      throw BadInputException.of(
          "%s has %d documents of at least %d tokens: expected %d or more; prepare longer"
              + " documents, or lower --documents or --target-length.",
          data(), eligible.size(), targetLength(), documents());
    }
    return eligible;
  }

  /**
   * Returns the approximate number of evaluations by length, if no candidate is left out.
   *
   * @param heldOut held-out documents that the partition has
   * @param window the model's original one, tokens
   */
  public Map<Integer, Double> passes(int heldOut, int window) {
    double methods = ExtensionProblem.METHODS_COMPARED;
    Map<Integer, Double> passes = new TreeMap<>();
    double searched =
        search.documentsScored(documents()) + methods * documents() + (methods + 1) * heldOut;
    passes.merge(targetLength(), searched, Double::sum);
    passes.merge(
        window,
        objective() == Objective.LONG_AND_SHORT
            ? searched
            : (methods + 1) * (documents() + heldOut),
        Double::sum);
    return passes;
  }

  /** Returns the settings with paths that hold in every working directory and on every host. */
  public SearchSettings withFullPaths(Configuration hadoop) {
    return at(
        FileLocation.parse(model()).absolute(), EvaluationPartition.qualified(data(), hadoop));
  }

  /** Returns the settings with model and data in other places. */
  public SearchSettings at(String model, String data) {
    return with(SearchSchema.MODEL, model).with(SearchSchema.DATA, data);
  }

  /** Returns the settings with other limits, on which no number depends. */
  public SearchSettings withLimits(FaultTolerance other) {
    return with(SearchSchema.DEADLINE, other.deadline())
        .with(SearchSchema.TIMEOUT, other.timeout());
  }

  public ObjectNode toJson() {
    StrategyDefinition<?> strategy = SearchSchema.definition(search);
    ObjectNode json = JSON.valueToTree(values.stored());
    starts.forEach(start -> json.withArray(SearchSchema.START_FROM.key()).add(start.toJson()));
    json.put(SearchSchema.STRATEGY.key(), strategy.name());
    json.setAll(JSON.<ObjectNode>valueToTree(strategy.values(search).stored()));
    json.put(SearchSchema.SEED.key(), search.seed());
    return json;
  }

  /**
   * Reads what {@link #toJson} wrote, in this version or an earlier one.
   *
   * @throws BadInputException if a setting is missing or cannot be read
   */
  public static SearchSettings fromJson(JsonNode json) {
    List<WarmStart> starts = new ArrayList<>();
    json.path(SearchSchema.START_FROM.key())
        .forEach(start -> starts.add(WarmStart.fromJson(start, STORED_IN)));
    // Runs without the name of a strategy are older than any but the genetic one.
    StrategyDefinition<?> strategy =
        json.has(SearchSchema.STRATEGY.key())
            ? value(json, SearchSchema.STRATEGY)
            : GeneticSettings.DEFINITION;
    return new SearchSettings(
        read(json, KEPT),
        strategy.read().apply(read(json, strategy.settings()), value(json, SearchSchema.SEED)),
        starts);
  }

  private static SettingValues read(JsonNode json, Collection<Setting<?>> settings) {
    SettingValues values = SettingValues.NONE;
    for (Setting<?> setting : settings) {
      values = read(json, setting, values);
    }
    return values;
  }

  private static <T> SettingValues read(JsonNode json, Setting<T> setting, SettingValues values) {
    return values.with(setting, find(json, setting));
  }

  private static <T> T value(JsonNode json, Setting<T> setting) {
    T value = find(json, setting);
    if (value == null) {
      throw damaged(setting, "null");
    }
    return value;
  }

  /** Returns a stored value, or the default where the run is older than the setting. */
  private static <T> @Nullable T find(JsonNode json, Setting<T> setting) {
    JsonNode stored =
        json.path(json.has(setting.storedKey()) ? setting.storedKey() : setting.key());
    if (stored.isMissingNode() && !setting.isRequired()) {
      return setting.defaultValue();
    }
    if (stored.isNull() && setting.isOptional()) {
      return null;
    }
    try {
      return setting.type().read().apply(JSON.convertValue(stored, Object.class));
    } catch (IllegalArgumentException | NullPointerException | BadInputException e) {
      throw damaged(setting, stored.isMissingNode() ? "nothing" : stored.toString());
    }
  }

  private static BadInputException damaged(Setting<?> setting, String stored) {
    return BadInputException.of(
        "%s has %s for %s: expected the file as the search wrote it; restore it from a copy.",
        STORED_IN, stored, setting.storedKey());
  }
}
