package org.longrope.driver.run;

import static org.assertj.core.api.Assertions.assertThat;

import com.typesafe.config.ConfigFactory;
import com.typesafe.config.ConfigObject;
import com.typesafe.config.ConfigValue;
import com.typesafe.config.ConfigValueType;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Comparator;
import java.util.List;
import java.util.Map;
import java.util.stream.Collectors;
import org.junit.jupiter.api.Test;

/**
 * README's configuration table is generated from the reference file: run this test with {@code
 * -Dreadme.update=true} to write it.
 */
class ConfigurationTableTest {
  private static final Path ROOT = Path.of("").toAbsolutePath().getParent();
  private static final Path README = ROOT.resolve("README.md");
  private static final String BEGIN =
      "<!-- configuration table: generated from conf/reference.conf by ConfigurationTableTest -->\n";
  private static final String END = "<!-- end of configuration table -->";

  @Test
  void readme_configurationTable_isThatOfTheReferenceFile() throws IOException {
    String readme = Files.readString(README);
    int begin = readme.indexOf(BEGIN) + BEGIN.length();
    int end = readme.indexOf(END);
    String table = table();
    if (Boolean.getBoolean("readme.update")) {
      Files.writeString(README, readme.substring(0, begin) + table + readme.substring(end));
      return;
    }
    assertThat(readme.substring(begin, end)).isEqualTo(table);
  }

  private static String table() {
    ConfigObject reference =
        ConfigFactory.parseFile(ROOT.resolve("conf/reference.conf").toFile()).root();
    StringBuilder table = new StringBuilder("\n| key | default | meaning |\n|---|---|---|\n");
    for (Map.Entry<String, ConfigValue> section : inFileOrder(reference)) {
      for (Map.Entry<String, ConfigValue> key : inFileOrder((ConfigObject) section.getValue())) {
        table.append(
            String.format(
                "| `%s.%s` | %s | %s |%n",
                section.getKey(),
                key.getKey(),
                value(key.getValue()),
                key.getValue().origin().comments().stream()
                    .map(String::strip)
                    .collect(Collectors.joining(" "))));
      }
    }
    return table.append('\n').toString();
  }

  private static List<Map.Entry<String, ConfigValue>> inFileOrder(ConfigObject object) {
    return object.entrySet().stream()
        .sorted(Comparator.comparingInt(entry -> entry.getValue().origin().lineNumber()))
        .toList();
  }

  private static String value(ConfigValue value) {
    if (value.valueType() == ConfigValueType.NULL) {
      return "";
    }
    return "`" + (value.valueType() == ConfigValueType.OBJECT ? "{}" : value.unwrapped()) + "`";
  }
}
