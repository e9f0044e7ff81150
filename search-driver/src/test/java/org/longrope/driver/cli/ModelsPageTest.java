package org.longrope.driver.cli;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.regex.MatchResult;
import java.util.regex.Pattern;
import org.junit.jupiter.api.Test;
import org.longrope.eval.family.DecoderSpecReader;

/** The page of models: its families are those that are read, its presets those that exist. */
class ModelsPageTest {
  private static final Path PAGE = DocumentationPage.ROOT.resolve("docs/reference/models.md");
  private static final Path PRESETS = DocumentationPage.ROOT.resolve("conf/presets");
  private static final int COLUMNS = 7;

  private static List<String> firstGroups(String pattern) throws IOException {
    return Pattern.compile(pattern, Pattern.MULTILINE)
        .matcher(Files.readString(PAGE))
        .results()
        .map((MatchResult match) -> match.group(1))
        .toList();
  }

  @Test
  void families_ofThePage_areThoseThatAreRead() throws IOException {
    List<String> rows = firstGroups("^(\\| `\\w+` \\|.*\\| 5\\.\\d+ \\|)$");

    assertThat(rows).map(row -> row.split("`")[1]).isEqualTo(DecoderSpecReader.supportedTypes());
    assertThat(rows).allSatisfy(row -> assertThat(row.split("\\|")).hasSize(COLUMNS + 1));
  }

  @Test
  void presets_ofThePage_areThoseOfTheFolder() throws IOException {
    String[] files = PRESETS.toFile().list();
    assertThat(files).isNotNull();
    assertThat(firstGroups("\\.\\./conf/presets/([\\w.-]+\\.conf)"))
        .containsExactlyInAnyOrder(files);
  }
}
