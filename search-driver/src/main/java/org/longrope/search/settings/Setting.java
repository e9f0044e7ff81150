package org.longrope.search.settings;

import java.util.ArrayList;
import java.util.List;
import java.util.function.Predicate;
import org.jspecify.annotations.Nullable;

/**
 * The one definition of a setting. The configuration file, command-line options, validation, help
 * and the reference page are made from it.
 *
 * <pre>{@code
 * static final Setting<Integer> GENERATION =
 *     Setting.of("generation", SettingType.WHOLE_NUMBER, "Candidates of a generation.")
 *         .defaultsTo(16)
 *         .range(n -> n >= 4, "4 or more");
 * }</pre>
 *
 * <p>A setting without a default must be given, unless {@link #optional} says what its absence
 * means. Two settings are equal only if they are the same object.
 */
public final class Setting<T> {
  private final String key;
  private final SettingType<T> type;
  private final String comment;
  private @Nullable T defaultValue;
  private @Nullable T longTargetDefault;
  private String absence = "";
  private Predicate<T> range = value -> true;
  private String rangeText = "";
  private final List<String> earlierKeys = new ArrayList<>();

  private Setting(String key, SettingType<T> type, String comment) {
    this.key = key;
    this.type = type;
    this.comment = comment;
  }

  private Setting(Setting<T> other) {
    this(other.key, other.type, other.comment);
    defaultValue = other.defaultValue;
    longTargetDefault = other.longTargetDefault;
    absence = other.absence;
    range = other.range;
    rangeText = other.rangeText;
    earlierKeys.addAll(other.earlierKeys);
  }

  /**
   * Declares a setting that must be given.
   *
   * @param key name in configuration files and, after two dashes, on the command line
   * @param comment sentences for readers; the first one alone stands in the help
   */
  public static <T> Setting<T> of(String key, SettingType<T> type, String comment) {
    return new Setting<>(key, type, comment);
  }

  /** Gives the setting a default. */
  public Setting<T> defaultsTo(T value) {
    Setting<T> copy = new Setting<>(this);
    copy.defaultValue = value;
    return copy;
  }

  /** Gives the setting another default for very long targets. */
  public Setting<T> defaultsForLongTargetsTo(T value) {
    Setting<T> copy = new Setting<>(this);
    copy.longTargetDefault = value;
    return copy;
  }

  /**
   * Lets the setting be absent.
   *
   * @param meaning what its absence means, as the end of "default: …"
   */
  public Setting<T> optional(String meaning) {
    Setting<T> copy = new Setting<>(this);
    copy.absence = meaning;
    return copy;
  }

  /**
   * Restricts the values.
   *
   * @param text the range in words, as the end of "expected …"
   */
  public Setting<T> range(Predicate<T> holds, String text) {
    Setting<T> copy = new Setting<>(this);
    copy.range = holds;
    copy.rangeText = text;
    return copy;
  }

  /** Accepts another key, which earlier versions documented; run.json keeps the earliest one. */
  public Setting<T> earlier(String earlierKey) {
    Setting<T> copy = new Setting<>(this);
    copy.earlierKeys.add(earlierKey);
    return copy;
  }

  public String key() {
    return key;
  }

  public SettingType<T> type() {
    return type;
  }

  public String comment() {
    return comment;
  }

  public List<String> earlierKeys() {
    return List.copyOf(earlierKeys);
  }

  /** Returns the key in run.json, which never changes. */
  public String storedKey() {
    return earlierKeys.isEmpty() ? key : earlierKeys.get(earlierKeys.size() - 1);
  }

  /** Returns the default; null if the setting must be given or may be absent. */
  public @Nullable T defaultValue() {
    return defaultValue;
  }

  /** Returns the default for very long targets; null if it is no other one. */
  public @Nullable T longTargetDefault() {
    return longTargetDefault;
  }

  /** Returns whether the setting has no default and must be given. */
  public boolean isRequired() {
    return defaultValue == null && absence.isEmpty();
  }

  /** Returns whether null is a value of the setting. */
  public boolean isOptional() {
    return !absence.isEmpty();
  }

  /** Returns the default in words; empty if the setting must be given. */
  public String defaultText() {
    return defaultValue == null ? absence : type.text(defaultValue);
  }

  /** Returns the range in words; empty if the type alone restricts the values. */
  public String rangeText() {
    return rangeText;
  }

  /** Returns what is expected of a value, as the end of "expected …". */
  public String expected() {
    return rangeText.isEmpty()
        ? type.description()
        : String.join(", ", type.description(), rangeText);
  }

  /** Returns a sentence for a value outside the range; null for one inside. */
  @Nullable String problem(T value) {
    return range.test(value)
        ? null
        : String.format("%s is %s: expected %s.", key, type.text(value), rangeText);
  }

  @Override
  public String toString() {
    return key;
  }
}
