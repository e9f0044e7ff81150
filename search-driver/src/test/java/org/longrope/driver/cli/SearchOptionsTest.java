package org.longrope.driver.cli;

import static org.assertj.core.api.Assertions.assertThat;

import com.typesafe.config.Config;
import com.typesafe.config.ConfigFactory;
import java.util.Set;
import java.util.TreeSet;
import org.junit.jupiter.api.Test;
import picocli.CommandLine;
import picocli.CommandLine.Model.OptionSpec;

class SearchOptionsTest {
  @Test
  void optionsOfSearch_andKeysOfTheReference_areTheSame() {
    Config reference = ConfigFactory.parseResources("conf/reference.conf");
    Set<String> options = new TreeSet<>();
    for (OptionSpec option : new CommandLine(new SearchCommand()).getCommandSpec().options()) {
      options.add(option.longestName().substring(2));
    }
    Set<String> others = Set.of("config", "or-resume", "master", "conf", "verbose", "help");
    assertThat(options).containsAll(others);
    options.removeAll(others);
    assertThat(options).isEqualTo(new TreeSet<>(reference.getObject("search").keySet()));
    assertThat(reference.getObject("spark").keySet()).containsExactlyInAnyOrder("master", "conf");
  }

  @Test
  void helpOfSearch_namesTheReferencesDefaults() {
    Config reference = ConfigFactory.parseResources("conf/reference.conf");
    for (OptionSpec option : new CommandLine(new SearchCommand()).getCommandSpec().options()) {
      String key = "search." + option.longestName().substring(2);
      String help = String.join(" ", option.description());
      if (reference.hasPath(key) && help.toLowerCase(java.util.Locale.ROOT).contains("default")) {
        assertThat(help).as(key).endsWith("efault " + reference.getValue(key).unwrapped() + ".");
      }
    }
  }
}
