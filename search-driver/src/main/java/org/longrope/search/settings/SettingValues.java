package org.longrope.search.settings;

import java.util.Collection;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.stream.Stream;
import org.jspecify.annotations.Nullable;

/** Values of settings, each of its setting's type; null where one is absent. Immutable. */
public final class SettingValues {
  /** No values. */
  public static final SettingValues NONE = new SettingValues(Map.of());

  private final Map<Setting<?>, @Nullable Object> values;

  private SettingValues(Map<Setting<?>, @Nullable Object> values) {
    this.values = new LinkedHashMap<>(values);
  }

  /** Returns these values and one more, or with another in its place. */
  public <T> SettingValues with(Setting<T> setting, @Nullable T value) {
    SettingValues copy = new SettingValues(values);
    copy.values.put(setting, value);
    return copy;
  }

  /** Returns these values with the default of each of the given settings. */
  public SettingValues withDefaults(Collection<Setting<?>> settings) {
    SettingValues all = this;
    for (Setting<?> setting : settings) {
      all = all.withDefault(setting);
    }
    return all;
  }

  private <T> SettingValues withDefault(Setting<T> setting) {
    return with(setting, setting.defaultValue());
  }

  /** Returns the values of some settings alone. */
  public SettingValues only(Collection<Setting<?>> settings) {
    SettingValues some = new SettingValues(values);
    some.values.keySet().retainAll(settings);
    return some;
  }

  /**
   * Returns the value of a setting that has one.
   *
   * @throws NullPointerException if it is absent
   */
  public <T> T get(Setting<T> setting) {
    return Objects.requireNonNull(find(setting), setting.key());
  }

  /** Returns the value of a setting; null if it is absent. */
  @SuppressWarnings("unchecked") // with() is the only way in.
  public <T> @Nullable T find(Setting<T> setting) {
    return (T) values.get(setting);
  }

  public Collection<Setting<?>> settings() {
    return values.keySet();
  }

  /** Returns a sentence for each value outside its setting's range. */
  public List<String> problems() {
    return values.keySet().stream().flatMap(this::problem).toList();
  }

  private <T> Stream<String> problem(Setting<T> setting) {
    T value = find(setting);
    return value == null ? Stream.empty() : Stream.ofNullable(setting.problem(value));
  }

  /** Returns the raw values by their keys in run.json. */
  public Map<String, @Nullable Object> stored() {
    Map<String, @Nullable Object> stored = new LinkedHashMap<>();
    values.keySet().forEach(setting -> stored.put(setting.storedKey(), raw(setting)));
    return stored;
  }

  private <T> @Nullable Object raw(Setting<T> setting) {
    T value = find(setting);
    return value == null ? null : setting.type().write().apply(value);
  }

  @Override
  public boolean equals(Object other) {
    return other instanceof SettingValues that && values.equals(that.values);
  }

  @Override
  public int hashCode() {
    return values.hashCode();
  }

  @Override
  public String toString() {
    return values.toString();
  }
}
