package org.longrope.driver.store.files;

import java.io.Serializable;
import java.util.HashMap;
import java.util.Map;
import org.apache.hadoop.conf.Configuration;

/**
 * Hadoop settings of the driver that differ from the defaults of its host: small enough to be sent
 * with tasks. The one form in which settings leave a process.
 *
 * @param changed values by Hadoop's key
 */
public record HadoopSettings(Map<String, String> changed) implements Serializable {
  public HadoopSettings {
    // Of one class that the wire knows, whatever was given.
    changed = new HashMap<>(changed);
  }

  /** Takes the settings that differ from the defaults of this host. */
  public static HadoopSettings of(Configuration hadoop) {
    Configuration defaults = new Configuration();
    Map<String, String> changed = new HashMap<>();
    hadoop.forEach(
        entry -> {
          if (!entry.getValue().equals(defaults.getRaw(entry.getKey()))) {
            changed.put(entry.getKey(), entry.getValue());
          }
        });
    return new HadoopSettings(changed);
  }

  /** Builds a configuration from this host's defaults, which name the file systems, and these. */
  public Configuration configuration() {
    Configuration configuration = new Configuration();
    changed.forEach(configuration::set);
    return configuration;
  }
}
