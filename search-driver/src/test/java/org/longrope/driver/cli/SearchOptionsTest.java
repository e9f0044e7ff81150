package org.longrope.driver.cli;

import static org.assertj.core.api.Assertions.assertThat;

import java.util.ArrayList;
import java.util.List;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.longrope.driver.run.settings.SearchSchema;
import org.longrope.search.settings.Setting;
import picocli.CommandLine;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Model.OptionSpec;

class SearchOptionsTest {
  private static CommandSpec search() {
    return Main.commandLine().getSubcommands().get("search").getCommandSpec();
  }

  @Test
  void optionsOfSearch_andSettingsOfTheSchema_areTheSame() {
    List<String> expected =
        new ArrayList<>(
            List.of("config", "or-resume", "dry-run", "master", "conf", "verbose", "help"));
    SearchSchema.settings().forEach(setting -> expected.add(setting.key()));
    List<String> options =
        search().options().stream().map(option -> option.longestName().substring(2)).toList();
    assertThat(options).containsExactlyInAnyOrderElementsOf(expected);
    assertThat(SearchSchema.SPARK.settings().stream().map(Setting::key)).isSubsetOf(options);
  }

  @Test
  void helpOfSearch_showsEachSettingOnceInItsGroup_withItsDefault() {
    String help = search().commandLine().getUsageMessage();
    int place = 0;
    for (var group : SearchSchema.GROUPS) {
      place = help.indexOf("\n" + group.title(), place);
      assertThat(place).as(group.title()).isPositive();
    }
    for (Setting<?> setting : SearchSchema.settings()) {
      assertThat(help.lines().filter(line -> line.matches("  [* ] --" + setting.key() + "\\[?=.*")))
          .as(setting.key())
          .hasSize(1);
      setting.earlierKeys().forEach(key -> assertThat(help).doesNotContain("--" + key));
    }
    assertThat(help.replaceAll("\\s+", " "))
        .contains("Default: " + SearchSchema.TIMEOUT.defaultText() + ".")
        .contains("21 + generation + 5 for each document, or more (62 by default).")
        .doesNotContain("null");
  }

  @ParameterizedTest
  @CsvSource({"--timeout=2h, timeout", "--patience=2h, timeout", "--ledger=x, evaluation-cache"})
  void option_ofThisOrAnEarlierName_givesTheSetting(String word, String key) {
    CommandLine line = Main.commandLine();
    line.parseArgs("search", word);
    assertThat(SettingOptions.given(line.getSubcommands().get("search").getCommandSpec()))
        .containsOnlyKeys(key);
  }

  @Test
  void optionsOfResume_areSettingsThatARunMayChange() {
    CommandSpec resume = Main.commandLine().getSubcommands().get("resume").getCommandSpec();
    assertThat(resume.options().stream().map(OptionSpec::longestName))
        .contains("--deadline", "--timeout", "--evaluation-cache");
  }
}
