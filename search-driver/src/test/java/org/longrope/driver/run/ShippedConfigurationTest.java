package org.longrope.driver.run;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.io.Reader;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Map;
import java.util.Properties;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;
import org.longrope.driver.execution.spark.SparkSettings;
import org.longrope.driver.execution.spark.WireRegistrator;
import org.longrope.driver.execution.spark.WorkerPlugin;
import org.longrope.driver.run.settings.SettingsReader;
import org.longrope.driver.store.files.StoredFile;

/** Tests that this version reads the files in conf. */
class ShippedConfigurationTest {
  private static final Path CONF = Path.of("..", "conf");

  private static List<Path> files(Path folder, String pattern) {
    try (Stream<Path> files = Files.list(folder)) {
      return files
          .filter(file -> String.valueOf(file.getFileName()).matches(pattern))
          .sorted()
          .toList();
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
  }

  static List<Path> presets() {
    return files(CONF.resolve("presets"), ".*\\.conf");
  }

  static List<Path> sparkDefaults() {
    return files(CONF, "spark-defaults-.*\\.conf");
  }

  private static Properties properties(Path file) throws IOException {
    Properties properties = new Properties();
    try (Reader reader = Files.newBufferedReader(file)) {
      properties.load(reader);
    }
    return properties;
  }

  @Test
  void nothingIsMissing() {
    assertThat(presets()).hasSize(16);
    assertThat(sparkDefaults()).hasSize(4);
  }

  @ParameterizedTest
  @MethodSource("presets")
  void preset_needsOnlyPaths(Path preset) {
    SettingsReader.Effective effective =
        SettingsReader.read(
            StoredFile.of(preset),
            Map.of("model", "m", "data", "d", "output", "o"),
            new SparkSettings(null, Map.of()));
    String name = String.valueOf(preset.getFileName());
    int thousands = Integer.parseInt(name.replaceFirst(".*-(\\d+)k\\.conf", "$1"));
    assertThat(effective.search().targetLength()).isEqualTo(thousands * 1024);
  }

  @ParameterizedTest
  @MethodSource("sparkDefaults")
  void sparkDefaults_nameOurClasses(Path file) throws IOException {
    Properties properties = properties(file);
    assertThat(properties.stringPropertyNames()).allMatch(key -> key.startsWith("spark."));
    assertThat(properties)
        .containsEntry("spark.kryo.registrationRequired", "true")
        .containsEntry("spark.kryo.registrator", WireRegistrator.class.getName())
        .containsEntry("spark.plugins", WorkerPlugin.class.getName());
    // A blank behind a value would be part of it.
    assertThat(properties.values()).allMatch(value -> value.toString().strip().equals(value));
  }

  @Test
  void metricsProperties_areInstancesAndSinks() throws IOException {
    assertThat(properties(CONF.resolve("metrics.properties")).stringPropertyNames())
        .isNotEmpty()
        .allMatch(key -> key.matches("(\\*|driver|executor)\\.(sink|source)\\..+"));
  }
}
