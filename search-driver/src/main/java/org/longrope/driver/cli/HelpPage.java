package org.longrope.driver.cli;

import java.lang.reflect.Field;
import java.math.BigDecimal;
import java.util.ArrayList;
import java.util.Collection;
import java.util.Comparator;
import java.util.LinkedHashMap;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Map;
import java.util.stream.Collectors;
import org.jspecify.annotations.Nullable;
import picocli.CommandLine;
import picocli.CommandLine.Command;
import picocli.CommandLine.Help;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Model.OptionSpec;
import picocli.CommandLine.Model.PositionalParamSpec;

/**
 * Page that {@code --help} prints: options and commands under the headings of {@link Section},
 * required options first and marked, defaults as the code has them. A line ends only at a blank, so
 * that the name of a file is never broken.
 */
final class HelpPage {
  static final int WIDTH = 80;

  private static final String MAIN = "Options";
  private static final int COMMAND_WIDTH = 14;
  private static final int LABEL_WIDTH = 25;

  private final CommandSpec command;
  private final Help help;
  private final StringBuilder page = new StringBuilder();

  private HelpPage(Help help) {
    this.help = help;
    command = help.commandSpec();
  }

  /** Makes a command line and its subcommands print these pages. */
  static CommandLine install(CommandLine commandLine) {
    return commandLine
        .setHelpSectionKeys(List.of("page"))
        .setHelpSectionMap(Map.of("page", help -> new HelpPage(help).text()));
  }

  /** Returns the shown options of a command by heading, in the order of the page. */
  static Map<String, List<OptionSpec>> sections(CommandSpec command) {
    Map<String, List<OptionSpec>> sections = new LinkedHashMap<>();
    command.options().stream()
        .filter(option -> !option.hidden())
        .sorted(
            Comparator.<OptionSpec, Boolean>comparing(option -> !isSetting(option))
                .thenComparing(option -> !isRequired(option)))
        .forEach(o -> sections.computeIfAbsent(heading(o), name -> new ArrayList<>()).add(o));
    return sections;
  }

  /** Returns the subcommands of a command by heading, in the order of the page. */
  static Map<String, List<CommandSpec>> commands(CommandSpec command) {
    return command.subcommands().values().stream()
        .map(CommandLine::getCommandSpec)
        .distinct()
        .collect(Collectors.groupingBy(HelpPage::heading, LinkedHashMap::new, Collectors.toList()));
  }

  private static boolean isSetting(OptionSpec option) {
    return option.userObject() instanceof SettingOptions.Source;
  }

  /** Returns whether a command needs the option; that of a setting may stand in a file instead. */
  static boolean isRequired(OptionSpec option) {
    return option.required()
        || (option.userObject() instanceof SettingOptions.Source source
            && source.setting().isRequired());
  }

  private static String heading(OptionSpec option) {
    if (option.userObject() instanceof SettingOptions.Source source) {
      return source.heading();
    }
    if (!(option.userObject() instanceof Field field)) {
      return MAIN;
    }
    Section section = field.getAnnotation(Section.class);
    Class<?> owner = field.getDeclaringClass();
    if (section == null && !owner.isAnnotationPresent(Command.class)) {
      section = owner.getAnnotation(Section.class);
    }
    return section == null ? MAIN : section.value();
  }

  private static String heading(CommandSpec command) {
    Section section = command.userObject().getClass().getAnnotation(Section.class);
    return section == null ? "Commands" : section.value();
  }

  private String text() {
    add("Usage: ", "       ", synopsis());
    page.append('\n');
    List<String> description = List.of(command.usageMessage().description());
    add("", "", description.get(0));
    if (description.size() > 1) {
      add("", "", String.join(" ", description.subList(1, description.size())));
    }
    if (!command.positionalParameters().isEmpty()) {
      page.append("\nParameters:\n");
      command.positionalParameters().forEach(this::addParameter);
    }
    commands(command)
        .forEach(
            (heading, commands) -> {
              page.append('\n').append(heading).append(":\n");
              commands.forEach(
                  each -> addRow(each.name(), each.usageMessage().description()[0], COMMAND_WIDTH));
            });
    sections(command)
        .forEach(
            (heading, options) -> {
              boolean marked = options.stream().anyMatch(HelpPage::isRequired);
              page.append('\n').append(heading).append(marked ? " (* required):\n" : ":\n");
              options.forEach(this::addOption);
            });
    if (command.usageMessage().footer().length > 0) {
      page.append("\nExample:\n");
      for (String line : command.usageMessage().footer()) {
        page.append("  ").append(line).append('\n');
      }
    }
    return page.toString();
  }

  /** Returns the command with all that it requires. */
  private String synopsis() {
    LinkedHashSet<String> words = new LinkedHashSet<>();
    words.add(command.qualifiedName());
    for (OptionSpec option : command.options()) {
      if (isRequired(option) && option.group() == null) {
        words.add(label(option));
      }
    }
    command
        .argGroups()
        .forEach(group -> words.add(group.synopsis().replaceAll(" \\[--[^]]*]\\.\\.\\.", "")));
    for (PositionalParamSpec parameter : command.positionalParameters()) {
      words.add(parameter.paramLabel());
    }
    if (!command.subcommands().isEmpty()) {
      words.add("COMMAND");
    }
    words.add("[OPTIONS]");
    return String.join(" ", words);
  }

  private void addParameter(PositionalParamSpec parameter) {
    addRow("* " + parameter.paramLabel(), String.join(" ", parameter.description()), LABEL_WIDTH);
  }

  private void addOption(OptionSpec option) {
    String description = String.join(" ", option.description());
    String value = defaultValue(option);
    addRow(
        (isRequired(option) ? "* " : "  ") + label(option),
        value == null ? description : description + " Default: " + value + ".",
        LABEL_WIDTH);
  }

  /** Returns the documented name, the first one, with the short name before it if there is one. */
  private String label(OptionSpec option) {
    List<String> names = List.of(option.names());
    String shortName = names.get(0).startsWith("--") ? "" : names.get(0) + ", ";
    String name = names.stream().filter(each -> each.startsWith("--")).findFirst().orElseThrow();
    String value =
        help.parameterLabelRenderer()
            .renderParameterLabel(option, Help.Ansi.OFF, List.of())
            .toString();
    return shortName + name + value;
  }

  /** Returns the value that an option has in the code; null where there is none to show. */
  static @Nullable String defaultValue(OptionSpec option) {
    Object value = option.initialValue();
    if (option.required()
        || value == null
        || value instanceof Boolean
        || option.showDefaultValue() == Help.Visibility.NEVER) {
      return null;
    }
    String text =
        value instanceof Collection<?> several
            ? several.stream().map(HelpPage::format).collect(Collectors.joining(","))
            : value instanceof Map<?, ?> map && map.isEmpty() ? "" : format(value);
    return text.isEmpty() ? null : text;
  }

  private static String format(Object value) {
    return value instanceof Double number
        ? BigDecimal.valueOf(number).stripTrailingZeros().toPlainString()
        : value.toString();
  }

  private void addRow(String label, String description, int labelWidth) {
    String begin = "  " + label;
    if (begin.length() >= labelWidth) {
      page.append(begin).append('\n');
      begin = "";
    }
    String indent = " ".repeat(labelWidth);
    add(begin + indent.substring(begin.length()), indent, description);
  }

  private void add(String begin, String indent, String text) {
    StringBuilder line = new StringBuilder(begin);
    int empty = line.length();
    for (String word : text.split(" ")) {
      if (line.length() > empty && line.length() + 1 + word.length() > WIDTH) {
        page.append(line).append('\n');
        line = new StringBuilder(indent);
        empty = line.length();
      }
      line.append(line.length() == empty ? "" : " ").append(word);
    }
    page.append(line).append('\n');
  }
}
