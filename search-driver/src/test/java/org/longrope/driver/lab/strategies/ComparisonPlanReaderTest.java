package org.longrope.driver.lab.strategies;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.nio.file.Path;
import java.util.List;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.longrope.driver.run.settings.SearchSettings;
import org.longrope.driver.store.files.StoredFile;
import org.longrope.eval.BadInputException;
import org.longrope.search.genetic.GeneticConfig;

class ComparisonPlanReaderTest {
  private static final String PROBLEMS =
      """
      problems {
        b { model = m, data = d, held-out = h, target-length = 2048 }
        a { model = m, data = d, held-out = h, target-length = 1048576 }
      }
      """;

  @TempDir Path directory;

  private ComparisonPlan read(String text) {
    return read(text, List.of(), List.of());
  }

  private ComparisonPlan read(String text, List<String> problems, List<String> strategies) {
    return ComparisonPlanReader.read(
        StoredFile.of(TinyLaboratory.write(directory, text)), problems, strategies, 3);
  }

  private void assertRefused(String text, String... sentences) {
    assertThatThrownBy(() -> read(text))
        .isInstanceOf(BadInputException.class)
        .satisfies(
            refused -> {
              List<String> lines = String.valueOf(refused.getMessage()).lines().toList();
              assertThat(lines).hasSize(sentences.length);
              for (int i = 0; i < sentences.length; i++) {
                assertThat(lines.get(i)).contains(sentences[i]).contains("expected");
              }
            });
  }

  @Test
  void read_keepsTheFilesOrderAndMergesStrategiesOverTheReference() {
    ComparisonPlan plan =
        read(
            PROBLEMS
                + """
                strategies {
                  paper { population = 60 }
                  ablation = ${strategies.paper} {
                    mutations = 32, crossovers = 0, mode = asynchronous
                  }
                }
                reference = paper
                """);

    assertThat(plan.problems()).extracting(Problem::name).containsExactly("b", "a");
    assertThat(plan.strategies()).containsExactly("paper", "ablation");
    SearchSettings settings = plan.settings(plan.problems().get(0), "ablation", 3, "out");
    GeneticConfig search = (GeneticConfig) settings.search();
    assertThat(search.mutations()).isEqualTo(32);
    assertThat(search.crossovers()).isZero();
    assertThat(search.population()).isEqualTo(60);
    assertThat(settings.search().seed()).isEqualTo(3);
    assertThat(settings.targetLength()).isEqualTo(2048);
    assertThat(settings.heldOutDocuments()).isZero();
    // The paper's defaults for long targets hold here as in a search.
    assertThat(plan.settings(plan.problems().get(1), "paper", 1, "out").documents()).isEqualTo(3);
  }

  @Test
  void read_chosen_areThoseAlone() {
    String text =
        PROBLEMS
            + "strategies { paper { strategy = paper }, short { iterations = 2 } }, reference ="
            + " paper";
    ComparisonPlan plan = read(text, List.of("a"), List.of("short"));
    assertThat(plan.problems()).extracting(Problem::name).containsExactly("a");
    assertThat(plan.strategies()).containsExactly("short");
    assertThatThrownBy(() -> read(text, List.of("c"), List.of("long")))
        .hasMessageContaining("--problem c: ")
        .hasMessageContaining("--strategy long: ");
  }

  @Test
  void read_unknownKeys_areAllNamed() {
    assertRefused(
        """
        problem {}
        problems { p { model = m, data = d, held-out = h, target-length = 2048, length = 3 } }
        strategies { paper { seed = 3, output = x } }
        reference = best
        """,
        "problem in",
        "reference in",
        "strategies.paper.output",
        "strategies.paper.seed",
        "problems.p.length");
  }

  @Test
  void read_unknownSettings_areNamed() {
    assertRefused(
        PROBLEMS
            + """
            strategies {
              paper { iterationen = 3 }
              other { iterations = many, parents = 100 }
            }
            reference = paper
            """,
        "strategies.paper.iterationen in",
        "strategies.other in",
        "strategies.other in");
  }

  @Test
  void read_valuesMissingOrWrong_areNamed() {
    assertRefused(
        """
        problems { p { model = ${?NO_SUCH_VARIABLE}, data = d, held-out = h, target-length = 1 } }
        strategies { paper { strategy = paper } }
        reference = paper
        """,
        "problems.p in",
        "problems.p.target-length");
    assertRefused("reference = paper", "has no strategies", "has no problems");
    assertRefused(
        PROBLEMS + "strategies { held-out {}, paper = 3, \"../x\" {} }, reference = held-out",
        "'../x' among",
        "strategies.paper in",
        "strategies.held-out in");
  }

  @Test
  void read_strategiesMeasuredDifferently_areRefused() {
    assertRefused(
        PROBLEMS
            + "strategies { paper { strategy = paper }, other { threads = 2 } }, reference = paper",
        "differ in attention-window or threads");
  }

  @Test
  void read_noFileAndNoHocon_areRefused() {
    assertThatThrownBy(
            () ->
                ComparisonPlanReader.read(
                    StoredFile.of(directory.resolve("x")), List.of(), List.of(), 1))
        .isInstanceOf(BadInputException.class)
        .hasMessageContaining("No file");
    assertThatThrownBy(() -> read("problems { "))
        .isInstanceOf(BadInputException.class)
        .hasMessageContaining("Cannot read");
  }

  @ParameterizedTest
  @CsvSource({
    "laboratory.conf, demonstration-8x",
    "laboratory-stories.conf, demonstration-8x stories15M-8x stories15M-16x stories260K-4x"
  })
  void shippedFile_isRead(String name, String problems) {
    ComparisonPlan plan =
        ComparisonPlanReader.read(
            StoredFile.of(Path.of("..", "conf", name)), List.of(), List.of(), 5);
    assertThat(plan.problems())
        .extracting(Problem::name)
        .containsExactlyInAnyOrder(problems.split(" "));
    assertThat(plan.problems())
        .filteredOn(problem -> problem.name().equals("stories15M-16x"))
        .allMatch(problem -> problem.targetLength() == 4096);
    assertThat(plan.strategies()).contains("paper");
    assertThat(plan.reference()).isEqualTo("paper");
  }
}
