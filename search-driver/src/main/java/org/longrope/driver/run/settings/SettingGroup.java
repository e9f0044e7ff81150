package org.longrope.driver.run.settings;

import java.util.List;
import org.longrope.search.settings.Setting;

/**
 * Settings that stand together in the configuration file, the help and the reference page.
 *
 * @param title heading
 */
public record SettingGroup(String title, List<Setting<?>> settings) {
  public SettingGroup {
    settings = List.copyOf(settings);
  }
}
