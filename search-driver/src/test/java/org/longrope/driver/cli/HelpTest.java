package org.longrope.driver.cli;

import static org.assertj.core.api.Assertions.assertThat;

import java.lang.reflect.Field;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Set;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;
import org.longrope.driver.Captured;
import picocli.CommandLine;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Model.OptionSpec;
import picocli.CommandLine.Option;

/** Help of every command that the parser knows. */
class HelpTest {
  /** Commands whose defaults are in the reference file, not in their fields. */
  private static final Set<String> SETTINGS = Set.of("search", "resume");

  static Stream<String> commands() {
    List<String> names = new ArrayList<>();
    collect(Main.commandLine(), names);
    return names.stream();
  }

  private static void collect(CommandLine command, List<String> names) {
    names.add(command.getCommandSpec().qualifiedName());
    new LinkedHashSet<>(command.getSubcommands().values()).forEach(each -> collect(each, names));
  }

  private static CommandSpec spec(String command) {
    CommandLine line = Main.commandLine();
    for (String word : words(command)) {
      line = line.getSubcommands().get(word);
    }
    return line.getCommandSpec();
  }

  /** Returns the words of a command line after the program. */
  private static List<String> words(String line) {
    List<String> words = Arrays.asList(line.trim().split("\\s+"));
    return words.subList(1, words.size());
  }

  private static List<String> page(String command) {
    List<String> words = new ArrayList<>(words(command));
    words.add("--help");
    Captured run = Captured.run(words.toArray());
    assertThat(run.exitCode()).isZero();
    assertThat(run.err()).isEmpty();
    return run.out().lines().toList();
  }

  @ParameterizedTest
  @MethodSource("commands")
  void help_ofEveryCommand_fitsTheWidthAndDescribesIt(String command) {
    List<String> page = page(command);
    assertThat(page.get(0)).startsWith("Usage: " + command);
    assertThat(String.join(" ", page)).contains(spec(command).usageMessage().description()[0]);
    assertThat(page).allSatisfy(line -> assertThat(line).hasSizeLessThanOrEqualTo(100));
    int example = page.indexOf("Example:");
    assertThat(page.subList(0, example))
        .allSatisfy(line -> assertThat(line).hasSizeLessThanOrEqualTo(HelpPage.WIDTH));
  }

  @ParameterizedTest
  @MethodSource("commands")
  void help_ofEveryCommand_hasAnExampleThatItsParserReads(String command) {
    String[] footer = spec(command).usageMessage().footer();
    assertThat(footer).isNotEmpty();
    String example = String.join("\n", footer).replaceAll("\\\\\n", " ").lines().findFirst().get();
    assertThat(example).startsWith("bin/" + command);
    Main.commandLine().parseArgs(words(example).toArray(String[]::new));
  }

  @ParameterizedTest
  @MethodSource("commands")
  void help_ofEveryOption_hasADescriptionAHeadingAndItsDefault(String command) {
    List<String> page = page(command);
    assertThat(page).noneMatch(line -> line.contains("=<"));
    String text = String.join(" ", page).replaceAll("\\s+", " ");
    List<OptionSpec> grouped =
        HelpPage.sections(spec(command)).values().stream().flatMap(List::stream).toList();
    assertThat(grouped).hasSameSizeAs(spec(command).options());
    for (OptionSpec option : grouped) {
      String name =
          Arrays.stream(option.names()).filter(each -> each.startsWith("--")).findFirst().get();
      assertThat(option.description()).as(name).isNotEmpty();
      String marked =
          (HelpPage.isRequired(option) ? "  \\* " : "    ") + "(-., )?" + name + "\\b.*";
      assertThat(page).as(name).anySatisfy(line -> assertThat(line).matches(marked));
      String value = HelpPage.defaultValue(option);
      if (value != null) {
        assertThat(text).contains("Default: " + value + ".");
      }
    }
  }

  @ParameterizedTest
  @MethodSource("commands")
  void descriptions_ofOptions_doNotRepeatDefaultsOfTheCode(String command) {
    for (OptionSpec option : spec(command).options()) {
      if (!(option.userObject() instanceof Field field)) {
        continue; // Made from a setting, with the setting's default.
      }
      String written = String.join(" ", field.getAnnotation(Option.class).description());
      if (HelpPage.defaultValue(option) != null) {
        assertThat(written).doesNotContainIgnoringCase("default");
      } else if (!SETTINGS.contains(spec(command).name())) {
        assertThat(written).doesNotContainPattern("(?i)default:? [0-9]");
      }
    }
  }

  @Test
  void help_ofTheProgram_listsEveryCommandOnOneLineUnderAHeading() {
    List<String> page = page("longrope");
    for (CommandLine command : Main.commandLine().getSubcommands().values()) {
      CommandSpec spec = command.getCommandSpec();
      assertThat(spec.userObject().getClass()).hasAnnotation(Section.class);
      assertThat(page)
          .contains(String.format("  %-12s%s", spec.name(), spec.usageMessage().description()[0]));
    }
    assertThat(page).contains("Prepare:", "Search:", "Measure:", "Fine-tune:");
  }

  @Test
  void options_givenByTheNamesOfEarlierVersions_areRead() {
    CommandLine line = Main.commandLine();
    line.parseArgs("passkey", "--model=m", "--lengths", "256,512");
    line.parseArgs("perplexity", "--model=m", "--text=t", "--lengths=256");
    line.parseArgs("train", "--data=d", "--output=o", "--steps=1", "--batch=8", "--accumulation=2");
    TrainCommand train =
        (TrainCommand) line.getSubcommands().get("train").getCommandSpec().userObject();
    assertThat(train.training.batch).isEqualTo(8);
    assertThat(train.training.accumulation).isEqualTo(2);
    line.parseArgs("bench", "search", "--problems=file");
  }

  @Test
  void help_thatNamesFiles_keepsTheNamesWhole() {
    assertThat(page("longrope export")).anyMatch(line -> line.contains("config.json"));
    assertThat(page("longrope export"))
        .noneMatch(line -> line.endsWith("config.") || line.endsWith("factors."));
  }
}
