package org.longrope.driver.run.settings;

import static org.assertj.core.api.Assertions.assertThat;

import com.typesafe.config.ConfigFactory;
import com.typesafe.config.ConfigObject;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import org.junit.jupiter.api.Test;
import org.longrope.search.settings.Setting;

/**
 * {@code conf/reference.conf} and {@code docs/reference/configuration.md} are generated from {@link
 * SearchSchema}. After a change of the schema this command writes them:
 *
 * <pre>
 *   mvn -pl search-driver -am test -Dtest=SettingsReferenceTest \
 *       -Dsurefire.failIfNoSpecifiedTests=false -Dlongrope.regenerate=true
 * </pre>
 */
class SettingsReferenceTest {
  private static final Path ROOT = Path.of("").toAbsolutePath().getParent();
  private static final Path CONFIGURATION = ROOT.resolve("conf/reference.conf");
  private static final Path PAGE = ROOT.resolve("docs/reference/configuration.md");
  private static final int WIDTH = 112;

  @Test
  void referenceFile_isGeneratedFromTheSchema() throws IOException {
    requireCurrent(CONFIGURATION, configuration());
  }

  @Test
  void referencePage_isGeneratedFromTheSchema() throws IOException {
    requireCurrent(PAGE, page());
  }

  @Test
  void referenceFile_hasEveryKeyOfTheSchemaAndNoOther() {
    ConfigObject root = ConfigFactory.parseFile(CONFIGURATION.toFile()).root();
    assertThat(root.keySet()).containsExactlyInAnyOrder("search", "spark");
    assertThat(root.toConfig().getObject("search").keySet())
        .containsExactlyInAnyOrderElementsOf(
            SearchSchema.settings().stream().map(Setting::key).toList());
    assertThat(root.toConfig().getObject("spark").keySet())
        .containsExactlyInAnyOrder("master", "conf");
  }

  @Test
  void keys_ofTheSchema_areDifferentFromEachOtherAndFromEarlierKeys() {
    List<String> keys = new ArrayList<>();
    for (Setting<?> setting : SearchSchema.settings()) {
      keys.add(setting.key());
      keys.addAll(setting.earlierKeys());
    }
    assertThat(keys).doesNotHaveDuplicates();
  }

  private static void requireCurrent(Path file, String generated) throws IOException {
    if (Boolean.getBoolean("longrope.regenerate")) {
      Files.createDirectories(file.getParent());
      Files.writeString(file, generated);
    }
    assertThat(file).as("generated file; see the comment of this test").hasContent(generated);
  }

  private static String configuration() {
    List<String> lines = new ArrayList<>();
    lines.add("# Generated from SearchSchema by SettingsReferenceTest, which says how.");
    comment(
        "All settings of a search with their defaults. A file given by --config overrides these,"
            + " and the command line overrides both: search.population is --population there. null:"
            + " no value by default; model, data, target-length and output must be given.",
        "",
        lines);
    lines.add("");
    lines.add("search {");
    for (SettingGroup group : SearchSchema.GROUPS) {
      lines.add("  # ---- " + group.title() + " ----");
      lines.add("");
      group.settings().forEach(setting -> add(setting, lines));
    }
    lines.set(lines.size() - 1, "}");
    lines.add("");
    lines.add("spark {");
    SearchSchema.SPARK.settings().forEach(setting -> add(setting, lines));
    lines.set(lines.size() - 1, "}");
    return String.join("\n", lines) + "\n";
  }

  private static void add(Setting<?> setting, List<String> lines) {
    comment(meaning(setting), "  ", lines);
    lines.add(
        String.format(
            "  %s = %s", setting, setting.defaultValue() == null ? "null" : setting.defaultText()));
    lines.add("");
  }

  private static String meaning(Setting<?> setting) {
    StringBuilder text = new StringBuilder(setting.comment());
    if (!setting.rangeText().isEmpty()) {
      text.append(" Values: ").append(setting.rangeText()).append('.');
    }
    if (setting.isOptional()) {
      text.append(" null: ").append(setting.defaultText()).append('.');
    }
    if (setting.longTargetDefault() != null) {
      text.append(
          String.format(
              " Default above %,d tokens: %s.",
              SearchSchema.LONG_TARGET, setting.longTargetDefault()));
    }
    return text.toString();
  }

  private static void comment(String text, String indent, List<String> lines) {
    StringBuilder line = new StringBuilder(indent + "#");
    for (String word : text.split(" ")) {
      if (line.length() + word.length() + 1 > WIDTH) {
        lines.add(line.toString());
        line = new StringBuilder(indent + "#");
      }
      line.append(' ').append(word);
    }
    lines.add(line.toString());
  }

  private static String page() {
    StringBuilder page =
        new StringBuilder(
            """
            <!-- Generated from SearchSchema by SettingsReferenceTest, which says how. -->

            # Settings of a search

            A setting is given on the command line of `search`, in a file for `--config`, or in a `search { ... }` block of a
            recipe or a comparison plan. The command line overrides the file, and the file overrides the defaults of this page,
            which are those of [conf/reference.conf](../../conf/reference.conf). In a file the settings of the first tables stand
            in the section `search`, those of the last one in `spark`. An unknown key is an error; all errors are reported at once.
            """);
    SearchSchema.GROUPS.forEach(group -> table(group, "search", page));
    table(SearchSchema.SPARK, "spark", page);
    page.append(
        """

        ## Earlier names

        Names that earlier versions documented keep working in files and on the command line.

        | earlier | now |
        |---|---|
        """);
    for (Setting<?> setting : SearchSchema.settings()) {
      setting
          .earlierKeys()
          .forEach(key -> page.append(String.format("| `%s` | `%s` |%n", key, setting)));
    }
    SearchSchema.STRATEGIES.stream()
        .filter(strategy -> !strategy.earlierName().isEmpty())
        .forEach(
            strategy ->
                page.append(
                    String.format(
                        "| `strategy = %s` | `strategy = %s` |%n",
                        strategy.earlierName(), strategy.name())));
    return page.toString();
  }

  private static void table(SettingGroup group, String section, StringBuilder page) {
    page.append(String.format("%n## %s%n%n", group.title()));
    page.append("| key | option | type | default | range | meaning |\n|---|---|---|---|---|---|\n");
    for (Setting<?> setting : group.settings()) {
      String defaults =
          setting.isRequired()
              ? "required"
              : setting.defaultValue() == null
                  ? setting.defaultText()
                  : "`" + setting.defaultText() + "`";
      if (setting.longTargetDefault() != null) {
        defaults +=
            String.format(
                "; above %,d tokens `%s`", SearchSchema.LONG_TARGET, setting.longTargetDefault());
      }
      page.append(
          String.format(
              "| `%s.%s` | `--%s %s` | %s | %s | %s | %s |%n",
              section,
              setting,
              setting,
              setting.type().placeholder(),
              setting.type().description(),
              defaults,
              setting.rangeText(),
              setting.comment()));
    }
  }
}
