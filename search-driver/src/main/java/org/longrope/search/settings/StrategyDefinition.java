package org.longrope.search.settings;

import java.util.List;
import java.util.function.BiFunction;
import java.util.function.Function;
import org.longrope.search.SearchMode;
import org.longrope.search.StrategyConfig;

/**
 * Strategy as users choose it: its name, its settings, and the conversion between these and its
 * configuration. Each strategy's package has one, and the list of strategies names it.
 *
 * @param name as settings spell it
 * @param earlierName that configurations of earlier versions use; empty for none
 * @param summary of the algorithm, as the end of "Strategy NAME: …"
 * @param modes that the strategy supports
 * @param type of the configuration
 * @param settings of this strategy alone, each with a default
 * @param read makes a configuration of the settings' values and the seed
 * @param write returns the settings' values of a configuration
 */
public record StrategyDefinition<C extends StrategyConfig>(
    String name,
    String earlierName,
    String summary,
    List<SearchMode> modes,
    Class<C> type,
    List<Setting<?>> settings,
    BiFunction<SettingValues, Long, C> read,
    Function<C, SettingValues> write) {

  /** Returns whether this is the strategy of that name, of this version or an earlier one. */
  public boolean isNamed(String word) {
    return word.equals(name) || (!word.isEmpty() && word.equals(earlierName));
  }

  /**
   * Returns the values of a configuration's settings.
   *
   * @throws ClassCastException if the configuration is another strategy's
   */
  public SettingValues values(StrategyConfig config) {
    return write.apply(type.cast(config));
  }

  @Override
  public String toString() {
    return name;
  }
}
