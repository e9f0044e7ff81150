package org.longrope.driver.store.files;

import com.typesafe.config.Config;
import com.typesafe.config.ConfigFactory;
import com.typesafe.config.ConfigParseOptions;
import java.io.IOException;
import org.longrope.eval.BadInputException;

/** Settings in HOCON, on this host or on a Hadoop file system. */
public final class HoconFile {
  private HoconFile() {}

  /**
   * Parses a file and resolves nothing.
   *
   * @param expected end of the message if there is no such file
   * @throws BadInputException if there is no such file
   * @throws com.typesafe.config.ConfigException if it is no HOCON
   */
  public static Config parse(StoredFile file, String expected) {
    if (!file.isFile()) {
      throw BadInputException.of("No file %s: %s.", file, expected);
    }
    ConfigParseOptions options = ConfigParseOptions.defaults().setAllowMissing(false);
    if (!file.location().isRemote()) {
      return ConfigFactory.parseFile(file.location().local().toFile(), options);
    }
    try {
      return ConfigFactory.parseString(
          file.readText(), options.setOriginDescription(file.toString()));
    } catch (IOException e) {
      throw new BadInputException(
          String.format("Cannot read %s (%s): %s.", file, e.getMessage(), expected), e);
    }
  }
}
