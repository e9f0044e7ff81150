package org.longrope.driver.cli;

import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import org.longrope.driver.run.settings.SearchSchema;
import org.longrope.driver.run.settings.SettingGroup;
import org.longrope.search.settings.Setting;
import org.longrope.search.settings.SettingType;
import picocli.CommandLine;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Model.OptionSpec;

/** Command-line options that are made from the definitions of settings. */
final class SettingOptions {
  private SettingOptions() {}

  /**
   * Source of an option.
   *
   * @param heading of the option in the help
   */
  record Source(String heading, Setting<?> setting) {}

  /** Adds an option for each setting of a search. */
  static final class OfSearch implements CommandLine.IModelTransformer {
    @Override
    public CommandSpec transform(CommandSpec command) {
      for (SettingGroup group : SearchSchema.GROUPS) {
        group.settings().forEach(setting -> add(group.title(), setting, command));
      }
      return command;
    }
  }

  /** Adds an option for each setting that a resumed run may change. */
  static final class OfResume implements CommandLine.IModelTransformer {
    @Override
    public CommandSpec transform(CommandSpec command) {
      List.of(SearchSchema.DEADLINE, SearchSchema.TIMEOUT, SearchSchema.EVALUATION_CACHE)
          .forEach(setting -> add("Instead of the run's own settings", setting, command));
      return command;
    }
  }

  private static void add(String heading, Setting<?> setting, CommandSpec command) {
    OptionSpec.Builder option =
        OptionSpec.builder("--" + setting.key())
            .type(String.class)
            .paramLabel(setting.type().placeholder())
            .description(description(setting))
            .userObject(new Source(heading, setting));
    if (setting.type().equals(SettingType.FLAG)) {
      option.arity("0..1").fallbackValue("true");
    }
    command.addOption(option.build());
  }

  /** Returns the first sentence of the comment, the values and the default. */
  private static String description(Setting<?> setting) {
    String words = setting.type().description();
    List<String> sentences = new ArrayList<>();
    sentences.add(setting.comment().split("(?<=\\.) ", 2)[0]);
    if (!setting.rangeText().isEmpty()) {
      sentences.add("Values: " + setting.rangeText() + ".");
    } else if (words.contains(",")) {
      sentences.add("Values: " + words.replaceFirst("^one of ", "") + ".");
    }
    if (!setting.isRequired()) {
      sentences.add("Default: " + setting.defaultText().replace("[]", "none") + ".");
    }
    return String.join(" ", sentences);
  }

  /** Returns the settings that a command line gave, by key. */
  static Map<String, String> given(CommandSpec command) {
    Map<String, String> given = new LinkedHashMap<>();
    for (OptionSpec option : command.options()) {
      if (option.userObject() instanceof Source source && option.getValue() != null) {
        given.put(source.setting().key(), option.getValue().toString());
      }
    }
    return given;
  }
}
